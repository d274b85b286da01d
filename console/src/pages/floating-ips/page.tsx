// The page of one floating IP. Its parts are a table: what else there is to know about an address is one more row.
import { Bullseye, Skeleton, Spinner, Tab, Tabs, TabTitleText } from "@patternfly/react-core";
import { lazy, Suspense, type ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router-dom";

import { useAsOf } from "../../api/as-of";
import { useOffered } from "../../api/extensions";
import { useOne } from "../../api/resources";
import type { FloatingIp } from "../../api/types";
import { useProjectName } from "../../resource/names";
import { Facts } from "../../resource/page";
import { usePolicyText } from "../../resource/policies";
import { useActions } from "../../ui/actions";
import { ErrorNote } from "../../ui/error-note";
import { dateTime } from "../../ui/format";
import { Frame } from "../../ui/page";
import { Status } from "../../ui/status";
import { addressOf, useFloatingIpActions } from "./actions";
import { Description, InstanceLink } from "./columns";
import { Forwardings } from "./life/forwardings";
import { forwardingsOf, forwards, isFree } from "./life/forwards";
import { EndsSoonNote, LeaseEnd } from "./life/lease";
import { useNames } from "./names";
import "./page.css";
import { Traffic } from "./traffic";

const PacketWay = lazy(async () => ({ default: (await import("../../ui/packet-way")).PacketWay }));
const Explain = lazy(() => import("./explain"));
const History = lazy(() => import("./history"));

interface PartProps {
  fip: FloatingIp;
}

// By its id where it is not to be seen.
function Policy({ id }: { id: string }) {
  const { data } = useOne("policy", id);
  const text = usePolicyText();
  return <>{data ? text(data) : id.slice(0, 8)}</>;
}

function KnownFacts({ fip }: PartProps) {
  const { t, i18n } = useTranslation("floatingips");
  const names = useNames();
  const projectName = useProjectName();
  const { data: router } = useOne("router", fip.router_id ?? undefined);
  const instance = names.instance(fip);
  const routerId = fip.router_id;
  const past = useAsOf() !== null;
  return (
    <Facts
      facts={[
        { label: t("common:field.status"), value: <Status status={fip.status} /> },
        {
          label: t("time:seen"),
          value: fip.port_id !== null && fip.verified_at !== undefined && !past && (
            <VerifiedAt time={fip.verified_at} />
          ),
        },
        { label: t("instance"), value: instance ? <InstanceLink instance={instance} /> : isFree(fip) && t("free") },
        { label: t("life:lease.end"), value: fip.expires_at && <LeaseEnd time={fip.expires_at} /> },
        { label: t("life:forwarding.word"), value: forwards(fip) && forwardingsOf(fip).length },
        { label: t("fixed"), value: fip.fixed_ip_address },
        {
          label: t("router"),
          value: routerId && <Link to={`/routers/${routerId}`}>{router?.name || routerId.slice(0, 8)}</Link>,
        },
        { label: t("qos:policy"), value: fip.qos_policy_id && <Policy id={fip.qos_policy_id} /> },
        { label: t("pool"), value: names.pool(fip.floating_network_id) },
        {
          label: t("common:field.description"),
          value: (fip.description || fip.tags.length > 0) && <Description fip={fip} />,
        },
        { label: t("common:field.project"), value: projectName(fip.project_id) },
        { label: t("common:field.id"), value: fip.id },
        { label: t("common:field.created"), value: dateTime(fip.created_at, i18n.language) },
        { label: t("common:field.updated"), value: dateTime(fip.updated_at, i18n.language) },
      ]}
    />
  );
}

function AddressHistoryLink({ address }: { address: string }) {
  const { t } = useTranslation("floatingips");
  if (!useOffered()("buoy-history")) return null;
  return (
    <p className="buoy-section">
      <Link to={`/address-history?address=${encodeURIComponent(address)}`}>
        {t("time:who.ofAddress", { address })}
      </Link>
    </p>
  );
}

// Nobody remembers it.
function PresentTraffic({ id }: { id: string }) {
  return useAsOf() === null ? <Traffic id={id} /> : null;
}

function VerifiedAt({ time }: { time: string | null }) {
  const { t, i18n } = useTranslation("time");
  return time === null ? <>{t("time:notSeen")}</> : <time dateTime={time}>{dateTime(time, i18n.language)}</time>;
}

const parts: readonly { key: string; now?: boolean; body: ComponentType<PartProps> }[] = [
  {
    key: "summary",
    body: ({ fip }) => (
      <>
        <KnownFacts fip={fip} />
        {forwards(fip) && <Forwardings fip={fip} />}
        <PresentTraffic id={fip.id} />
      </>
    ),
  },
  { key: "way", body: ({ fip }) => <PacketWay floatingIpId={fip.id} /> },
  { key: "explain", now: true, body: Explain },
  {
    key: "history",
    body: ({ fip }) => (
      <>
        <AddressHistoryLink address={fip.floating_ip_address} />
        <History id={fip.id} />
      </>
    ),
  },
];

// Which part is shown stands in the address, so that it can be sent to somebody.
function Parts({ fip }: PartProps) {
  const { t } = useTranslation("floatingips");
  const [query, setQuery] = useSearchParams();
  const wanted = query.get("part");
  const past = useAsOf() !== null;
  const shown = parts.filter(({ now }) => !(past && now));
  const active = shown.find(({ key }) => key === wanted) ?? parts[0]!;
  return (
    <Tabs
      aria-label={t("parts.label", { address: fip.floating_ip_address })}
      activeKey={active.key}
      onSelect={(_event, key) => setQuery(key === parts[0]?.key ? {} : { part: String(key) }, { replace: true })}
      mountOnEnter
      unmountOnExit
    >
      {shown.map(({ key, body: Body }) => (
        <Tab key={key} eventKey={key} title={<TabTitleText>{t(`parts.${key}`)}</TabTitleText>}>
          <div className="buoy-part">
            <Suspense fallback={<Skeleton screenreaderText={t("common:loading")} height="8rem" />}>
              <Body fip={fip} />
            </Suspense>
          </div>
        </Tab>
      ))}
    </Tabs>
  );
}

export default function FloatingIpPage() {
  const { t } = useTranslation("floatingips");
  const { id } = useParams();
  const { data: fip, error, refetch } = useOne("floatingip", id);
  const { buttons, dialog } = useActions(useFloatingIpActions("/floating-ips"), addressOf);
  const above = { to: "/floating-ips", text: t("title") };
  const note = error ? <ErrorNote error={error} retry={() => void refetch()} /> : null;
  if (!fip)
    return (
      <Frame above={above} title={t("one")}>
        {note ?? (
          <Bullseye>
            <Spinner aria-label={t("common:loading")} />
          </Bullseye>
        )}
      </Frame>
    );
  return (
    <Frame above={above} title={fip.floating_ip_address} actions={buttons(fip)}>
      {note}
      <EndsSoonNote fips={[fip]} />
      <Parts fip={fip} />
      {dialog}
    </Frame>
  );
}
