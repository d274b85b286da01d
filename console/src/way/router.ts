// What a router does with a packet, by the rules of the planner: its legs, its routes, its translations. Pure.
import type { FloatingIp, Port, Router } from "../api/types";
import { contains, parsePrefix } from "../ui/ip";
import type { Cloud } from "./cloud";

const ownerInterface = "network:router_interface";
const ownerGateway = "network:router_gateway";
const everywhere = "0.0.0.0/0";

export const isV4 = (address: string): boolean => !address.includes(":");

// A leg that is switched on and that the node could make.
export const isUp = (port: Port): boolean => port.admin_state_up && port.status !== "ERROR";

export function insideLegs(cloud: Cloud, router: Router): readonly Port[] {
  return (cloud.portsOfDevice.get(router.id) ?? []).filter((port) => port.device_owner === ownerInterface);
}

// Only administrators see it.
export function gatewayPort(cloud: Cloud, router: Router): Port | undefined {
  return cloud.portsOfDevice.get(router.id)?.find((port) => port.device_owner === ownerGateway);
}

// What keeps a router from serving floating IPs of a network; null: nothing.
export type GatewayTrouble = "routerDown" | "noGateway" | "otherGateway" | "gatewayDown";
export function gatewayTrouble(cloud: Cloud, router: Router, networkId?: string): GatewayTrouble | null {
  if (!router.admin_state_up) return "routerDown";
  if (!router.external_gateway_info) return "noGateway";
  if (networkId !== undefined && router.external_gateway_info.network_id !== networkId) return "otherGateway";
  const port = gatewayPort(cloud, router);
  return port && !isUp(port) ? "gatewayDown" : null;
}

// Whether the router translates for the floating IP: only then it answers for it.
export function serves(cloud: Cloud, router: Router, fip: FloatingIp): boolean {
  return (
    fip.router_id === router.id &&
    fip.fixed_ip_address !== null &&
    isV4(fip.floating_ip_address) &&
    isV4(fip.fixed_ip_address) &&
    fip.status !== "ERROR" &&
    gatewayTrouble(cloud, router, fip.floating_network_id) === null
  );
}

// The floating IP with which an address behind the router goes out.
export function floatingIpOf(cloud: Cloud, router: Router, port: Port, fixed: string): FloatingIp | undefined {
  return cloud.floatingIpsOfPort
    .get(port.id)
    ?.find((fip) => fip.fixed_ip_address === fixed && serves(cloud, router, fip));
}

// The address that instances without a floating IP leave with: "off" when SNAT is, "host" when the gateway has none of
// its own because it is the host's, "unknown" when one may not see it.
export function sharedSource(router: Router): string {
  const gateway = router.external_gateway_info;
  if (!gateway || gateway.enable_snat === false) return "off";
  const fixed = gateway.external_fixed_ips;
  if (!fixed) return "unknown";
  if (fixed.length === 0) return "host";
  return fixed.find(({ ip_address }) => isV4(ip_address))?.ip_address ?? "off";
}

// --- routes ---

export interface RouteOut {
  prefix: string;
  via: string | null;
  leg: Port | "gateway";
}

function legPrefixes(cloud: Cloud, port: Port): string[] {
  return port.fixed_ips.flatMap(({ subnet_id }) => cloud.subnets.get(subnet_id)?.cidr ?? []);
}

// The external network's subnets are all on the wire at the gateway's leg.
function gatewayRoutes(cloud: Cloud, router: Router): RouteOut[] {
  if (gatewayTrouble(cloud, router) !== null || !router.external_gateway_info) return [];
  const { network_id, external_fixed_ips = [] } = router.external_gateway_info;
  const subnets = cloud.subnetsOfNetwork.get(network_id) ?? [];
  const own = new Set(external_fixed_ips.map(({ ip_address }) => ip_address));
  const used = new Set(external_fixed_ips.map(({ subnet_id }) => subnet_id));
  const onLink = subnets.map(({ cidr }) => ({ prefix: cidr, via: null, leg: "gateway" as const }));
  // What the host routes is not known here: it has a way out of its own.
  if (used.size === 0) return [...onLink, { prefix: everywhere, via: null, leg: "gateway" }];
  const beyond: (string | null)[] = subnets
    .filter(
      ({ id, ip_version, gateway_ip }) => used.has(id) && ip_version === 4 && gateway_ip && !own.has(gateway_ip),
    )
    .map(({ gateway_ip }) => gateway_ip);
  // A subnet that one may not see is taken for one with a gateway.
  if (beyond.length === 0 && [...used].some((id) => !cloud.subnets.has(id))) beyond.push(null);
  return [...onLink, ...beyond.map((via) => ({ prefix: everywhere, via, leg: "gateway" as const }))];
}

// In the order in which they count when they lead to the same place: what the user asked for comes first.
export function routesOf(cloud: Cloud, router: Router): RouteOut[] {
  const legs = insideLegs(cloud, router).filter(isUp);
  const inside = legs.flatMap((leg) => legPrefixes(cloud, leg).map((prefix) => ({ prefix, via: null, leg })));
  const outside = gatewayRoutes(cloud, router);
  const asked = router.routes.flatMap(({ destination, nexthop }) => {
    const on = [...inside, ...outside].find(({ prefix, via }) => via === null && contains(prefix, nexthop));
    return on && isV4(destination) === isV4(nexthop) ? [{ prefix: destination, via: nexthop, leg: on.leg }] : [];
  });
  return [...inside, ...asked, ...outside];
}

const lengthOf = (prefix: string): number => parsePrefix(prefix)?.length ?? -1;

// The longest prefix wins, the first of equals. Without an address: where what is far away goes.
export function routeTo(routes: readonly RouteOut[], address: string | null): RouteOut | undefined {
  let best: RouteOut | undefined;
  for (const route of routes) {
    if (address === null ? lengthOf(route.prefix) !== 0 || !isV4(route.prefix) : !contains(route.prefix, address))
      continue;
    if (!best || lengthOf(route.prefix) > lengthOf(best.prefix)) best = route;
  }
  return best;
}

// The router whose leg stands at the subnet's gateway address: what instances send out arrives there.
export function legAt(cloud: Cloud, networkId: string, address: string): Port | undefined {
  return cloud.portsOfNetwork
    .get(networkId)
    ?.find(
      (port) =>
        port.device_owner === ownerInterface && port.fixed_ips.some(({ ip_address }) => ip_address === address),
    );
}
