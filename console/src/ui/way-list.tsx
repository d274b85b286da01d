// A way of a packet as a list of hops: where it is, the addresses before and after, what is wrong and what to do.
import CubeIcon from "@patternfly/react-icons/dist/esm/icons/cube-icon";
import ExchangeAltIcon from "@patternfly/react-icons/dist/esm/icons/exchange-alt-icon";
import GlobeIcon from "@patternfly/react-icons/dist/esm/icons/globe-icon";
import NetworkWiredIcon from "@patternfly/react-icons/dist/esm/icons/network-wired-icon";
import CloudIcon from "@patternfly/react-icons/dist/esm/icons/cloud-icon";
import PlugIcon from "@patternfly/react-icons/dist/esm/icons/plug-icon";
import RouteIcon from "@patternfly/react-icons/dist/esm/icons/route-icon";
import type { TFunction } from "i18next";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";

import { translates, type Hop, type HopAt, type Note, type Packet, type Way } from "../way/walk";
import "./way-list.css";
import { Alert } from "./alert";

const icons: Record<HopAt, ComponentType> = {
  outside: GlobeIcon,
  external: CloudIcon,
  externalLeg: RouteIcon,
  nat: ExchangeAltIcon,
  insideLeg: RouteIcon,
  network: NetworkWiredIcon,
  tap: PlugIcon,
  instance: CubeIcon,
};

const alerts = { info: "info", warn: "warning", end: "danger" } as const;

export function addressText(t: TFunction<"way">, address: string): string {
  return address.startsWith("@") ? t(`address.${address.slice(1)}`) : address;
}

function hopName(t: TFunction<"way">, hop: Hop): string {
  return hop.name || hop.node?.id.slice(0, 8) || t("foreign");
}

// What happens here, as the key of a text below "hop".
function whatHappens(hop: Hop): string {
  if (hop.at === "nat") return `nat.${translates(hop) ?? "none"}`;
  return `${hop.at}.${hop.onHost ? "host" : "what"}`;
}

function Address({ label, address, changed }: { label: string; address: string; changed: boolean }) {
  const { t } = useTranslation("way");
  const text = addressText(t, address);
  return (
    <span className="buoy-way-address">
      <span className="buoy-way-label">{label}</span>{" "}
      {changed ? <mark className="buoy-changed">{text}</mark> : <span>{text}</span>}
      {changed && <span className="pf-v6-screen-reader"> ({t("changed")})</span>}
    </span>
  );
}

// The addresses in the packet's header. `other`: how they are on the other side of the translation.
function PacketLine({ title, packet, other }: { title?: string; packet: Packet; other?: Packet }) {
  const { t } = useTranslation("way");
  const changed = (key: keyof Packet) => other !== undefined && other[key] !== packet[key];
  return (
    <div className="buoy-way-packet">
      {title && <span className="buoy-way-when">{title}: </span>}
      <Address label={t("source")} address={packet.source} changed={changed("source")} />
      <span aria-hidden="true" className="buoy-way-arrow">
        →
      </span>
      <Address label={t("destination")} address={packet.destination} changed={changed("destination")} />
    </div>
  );
}

function Remark({ note }: { note: Note }) {
  const { t } = useTranslation("way");
  return (
    <Alert
      isInline
      isPlain={note.level === "info"}
      variant={alerts[note.level]}
      component="p"
      title={t(`note.${note.key}.text`, note.params)}
    >
      {note.level !== "info" && t(`note.${note.key}.advice`, note.params)}
    </Alert>
  );
}

function HopItem({ hop }: { hop: Hop }) {
  const { t } = useTranslation("way");
  const Icon = icons[hop.at];
  const ended = hop.notes.some(({ level }) => level === "end");
  const translated = translates(hop) !== null;
  return (
    <li className={`buoy-way-hop${ended ? " buoy-way-end" : ""}`}>
      <span className="buoy-way-icon" aria-hidden="true">
        <Icon />
      </span>
      <div className="buoy-way-body">
        <div className="buoy-way-title">
          <strong>{t(`hop.${hop.at}.title`, { name: hopName(t, hop) })}</strong>
          {hop.devices.filter(Boolean).map((device) => (
            <code key={device} className="buoy-way-device">
              <span className="pf-v6-screen-reader">{t("device")}: </span>
              {device}
            </code>
          ))}
        </div>
        <p className="buoy-fine">
          {t(`hop.${whatHappens(hop)}`)}
          {hop.at === "nat" && hop.onHost && ` ${t("hop.nat.host")}`}
        </p>
        {translated ? (
          <>
            <PacketLine title={t("before")} packet={hop.before} other={hop.after} />
            <PacketLine title={t("after")} packet={hop.after} other={hop.before} />
          </>
        ) : (
          <PacketLine packet={hop.after} />
        )}
        {hop.notes.map((note) => (
          <Remark key={note.key} note={note} />
        ))}
      </div>
    </li>
  );
}

const results = { whole: "success", doubtful: "warning", broken: "danger" } as const;

export function WayList({ way }: { way: Way }) {
  const { t } = useTranslation("way");
  return (
    <div className="buoy-way">
      <Alert
        isInline
        isLiveRegion
        variant={results[way.state]}
        component="p"
        title={t(`state.${way.state}`, { step: way.hops.length })}
      />
      <ol aria-label={t("title")} className="buoy-way-list">
        {way.hops.map((hop, index) => (
          <HopItem key={index} hop={hop} />
        ))}
      </ol>
    </div>
  );
}
