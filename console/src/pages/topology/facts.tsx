// What the drawer says about a router or a network.
import { Button } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

import type { Network, Router } from "../../api/types";
import { nameOf } from "../../resource/names";
import { Facts, type Fact } from "../../resource/page";
import { Status } from "../../ui/status";
import { isInstancePort, type Cloud } from "../../way/cloud";
import { insideLegs } from "../../way/router";
import { keyOf } from "./graph";

const lines = (texts: readonly string[]) => texts.length > 0 && texts.map((text) => <div key={text}>{text}</div>);

export function RouterFacts({ cloud, router }: { cloud: Cloud; router: Router }) {
  const { t } = useTranslation("topology");
  const gateway = router.external_gateway_info;
  const outside = gateway && cloud.networks.get(gateway.network_id);
  const snat = gateway && (gateway.enable_snat === false ? t("fact.snatOff") : t("fact.snatOn"));
  const legs = insideLegs(cloud, router).map((leg) => {
    const network = cloud.networks.get(leg.network_id);
    const addresses = leg.fixed_ips.map(({ ip_address }) => ip_address).join(", ");
    return `${network ? nameOf(network) : leg.network_id}: ${addresses}`;
  });
  const facts: Fact[] = [
    { label: t("common:field.status"), value: <Status status={router.status} /> },
    { label: t("fact.gateway"), value: gateway ? outside && nameOf(outside) : t("common:none") },
    {
      label: t("fact.outsideAddresses"),
      value: lines((gateway?.external_fixed_ips ?? []).map(({ ip_address }) => ip_address)),
    },
    { label: t("fact.snat"), value: snat },
    { label: t("fact.interfaces"), value: lines(legs) },
    {
      label: t("fact.routes"),
      value: lines(router.routes.map(({ destination, nexthop }) => `${destination} → ${nexthop}`)),
    },
  ];
  return <Facts facts={facts} />;
}

const mostFree = 20; // so many free floating IPs are named

export interface NetworkFactsProps {
  cloud: Cloud;
  network: Network;
  onChoose: (key: string) => void;
}

export function NetworkFacts({ cloud, network, onChoose }: NetworkFactsProps) {
  const { t } = useTranslation("topology");
  const subnets = cloud.subnetsOfNetwork.get(network.id) ?? [];
  const instances = new Set((cloud.portsOfNetwork.get(network.id) ?? []).filter(isInstancePort).map(keyOf.instance));
  const floatingIps = [...cloud.floatingips.values()].filter(
    ({ floating_network_id }) => floating_network_id === network.id,
  );
  const free = floatingIps.filter(({ port_id }) => port_id === null);
  const external = network["router:external"];
  const facts: Fact[] = [
    { label: t("common:field.status"), value: <Status status={network.status} /> },
    {
      label: t("fact.subnets"),
      value: lines(subnets.map(({ cidr, gateway_ip }) => (gateway_ip ? `${cidr} (${gateway_ip})` : cidr))),
    },
    { label: t("fact.shared"), value: network.shared && t("common:yes") },
    { label: t("fact.instances"), value: instances.size > 0 && String(instances.size) },
    { label: t("fact.floatingIps"), value: external && String(floatingIps.length) },
    {
      label: t("fact.freeFloatingIps"),
      value: free.length > 0 && (
        <ul className="buoy-topology-free">
          {free.slice(0, mostFree).map((fip) => (
            <li key={fip.id}>
              <Button variant="link" isInline onClick={() => onChoose(keyOf.floatingIp(fip.id))}>
                <span className="buoy-address">{fip.floating_ip_address}</span>
              </Button>
            </li>
          ))}
          {free.length > mostFree && <li>{t("fact.andMore", { count: free.length - mostFree })}</li>}
        </ul>
      ),
    },
  ];
  return <Facts facts={facts} />;
}
