// The drawer's content: the way of a packet for an instance or a floating IP, facts for a router or a network.
import { FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import type { FloatingIp } from "../../api/types";
import { nameOf } from "../../resource/names";
import { Status } from "../../ui/status";
import { WayView } from "../../ui/way-view";
import { instanceName, isInstancePort, type Cloud } from "../../way/cloud";
import type { Way } from "../../way/walk";
import { endsOf, type End } from "../../way/way";
import { NetworkFacts, RouterFacts } from "./facts";

export interface Chosen {
  title: string;
  page: string; // where there is more
  content: ReactNode;
}

export interface DetailsProps {
  cloud: Cloud;
  onWay: (way: Way | null) => void; // stable
  onChoose: (key: string) => void;
}

// All instances' addresses: packets can come from each.
function usePeers(cloud: Cloud): readonly End[] {
  return useMemo(
    () =>
      [...cloud.ports.values()]
        .filter(isInstancePort)
        .flatMap(endsOf)
        .sort((a, b) => instanceName(cloud, a.port).localeCompare(instanceName(cloud, b.port))),
    [cloud],
  );
}

function FloatingIpDetails({ cloud, fip, onWay }: DetailsProps & { fip: FloatingIp }) {
  const peers = usePeers(cloud);
  const port = fip.port_id ? cloud.ports.get(fip.port_id) : undefined;
  const fixed = fip.fixed_ip_address;
  const end = useMemo(() => (port && fixed ? { port, fixed } : undefined), [port, fixed]);
  return (
    <>
      <p>
        <Status status={fip.status} /> <span className="buoy-address">{fip.floating_ip_address}</span>
        {fixed && <span className="buoy-address"> → {fixed}</span>}
      </p>
      <WayView cloud={cloud} floatingIp={fip} end={end} peers={peers} onWay={onWay} />
    </>
  );
}

interface Choice {
  key: string;
  text: string;
  end: End;
  fip: FloatingIp | undefined;
}

// Each address of the instance, with its floating IP where it has one; those first.
function choicesOf(cloud: Cloud, key: string): Choice[] {
  const own = [...cloud.ports.values()].filter(
    (port) => isInstancePort(port) && (key === `server:${port.device_id}` || key === `port:${port.id}`),
  );
  const choices = own.flatMap((port) => {
    const fips = cloud.floatingIpsOfPort.get(port.id) ?? [];
    const withFip = fips.flatMap((fip) =>
      fip.fixed_ip_address
        ? [
            {
              key: fip.id,
              text: `${fip.fixed_ip_address} (${fip.floating_ip_address})`,
              end: { port, fixed: fip.fixed_ip_address },
              fip,
            },
          ]
        : [],
    );
    const plain = endsOf(port)
      .filter(({ fixed }) => fips.every(({ fixed_ip_address }) => fixed_ip_address !== fixed))
      .map((end) => ({ key: `${port.id} ${end.fixed}`, text: end.fixed, end, fip: undefined }));
    return [...withFip, ...plain];
  });
  return choices.sort((a, b) => Number(b.fip !== undefined) - Number(a.fip !== undefined));
}

function InstanceDetails({ cloud, onWay, at }: DetailsProps & { at: string }) {
  const { t } = useTranslation("topology");
  const [wanted, setWanted] = useState("");
  const peers = usePeers(cloud);
  const choices = useMemo(() => choicesOf(cloud, at), [cloud, at]);
  const choice = choices.find(({ key }) => key === wanted) ?? choices[0];
  if (!choice) return <p>{t("noAddress")}</p>;
  return (
    <>
      {choices.length > 1 ? (
        <FormGroup label={t("address")} fieldId="topology-address">
          <FormSelect id="topology-address" value={choice.key} onChange={(_event, key) => setWanted(key)}>
            {choices.map(({ key, text }) => (
              <FormSelectOption key={key} value={key} label={text} />
            ))}
          </FormSelect>
        </FormGroup>
      ) : (
        <p>
          {choice.fip && <Status status={choice.fip.status} />} <span className="buoy-address">{choice.text}</span>
        </p>
      )}
      <WayView
        key={choice.key}
        cloud={cloud}
        floatingIp={choice.fip}
        end={choice.end}
        peers={choice.fip ? peers : []}
        onWay={onWay}
      />
    </>
  );
}

// What stands in the drawer for a key of the picture; null: it is not there (any more).
export function detailsOf(key: string, props: DetailsProps): Chosen | null {
  const { cloud } = props;
  const kind = key.slice(0, key.indexOf(":"));
  const id = key.slice(kind.length + 1);
  const network = cloud.networks.get(id);
  const router = cloud.routers.get(id);
  const fip = cloud.floatingips.get(id);
  const port = kind === "port" ? cloud.ports.get(id) : cloud.portsOfDevice.get(id)?.[0];
  if (kind === "network" && network)
    return {
      title: nameOf(network),
      page: `/networks/${id}`,
      content: <NetworkFacts cloud={cloud} network={network} onChoose={props.onChoose} />,
    };
  if (kind === "router" && router)
    return { title: nameOf(router), page: `/routers/${id}`, content: <RouterFacts cloud={cloud} router={router} /> };
  if (kind === "floatingip" && fip)
    return {
      title: fip.floating_ip_address,
      page: `/floating-ips/${id}`,
      content: <FloatingIpDetails key={key} {...props} fip={fip} />,
    };
  if ((kind === "server" || kind === "port") && port)
    return {
      title: instanceName(cloud, port),
      page: kind === "server" ? `/instances/${id}` : `/ports/${id}`,
      content: <InstanceDetails key={key} {...props} at={key} />,
    };
  return null;
}

export function Details({ chosen }: { chosen: Chosen }) {
  const { t } = useTranslation("topology");
  return (
    <div className="buoy-topology-details">
      {chosen.content}
      <p>
        <Link to={chosen.page}>{t("more", { name: chosen.title })}</Link>
      </p>
    </div>
  );
}
