// The way of a packet through networks and routers, as the planner makes the kernel treat it. Pure.
import type { FloatingIp, Port, Router, Subnet } from "../api/types";
import { contains } from "../ui/ip";
import type { Cloud } from "./cloud";
import {
  floatingIpOf,
  gatewayTrouble,
  insideLegs,
  isUp,
  isV4,
  legAt,
  routesOf,
  routeTo,
  serves,
  sharedSource,
} from "./router";
import { anyHost, hostAddress, isHost, routerAddress, Walk, type Way } from "./walk";

// Where a packet starts or arrives: an address behind a port.
export interface End {
  port: Port;
  fixed: string;
}

// The subnet of the address; an allowed address pair is none of the port's own.
function subnetOf(cloud: Cloud, { port, fixed }: End): Subnet | undefined {
  const own = port.fixed_ips.find(({ ip_address }) => ip_address === fixed);
  if (own) return cloud.subnets.get(own.subnet_id);
  return cloud.subnetsOfNetwork.get(port.network_id)?.find(({ cidr }) => contains(cidr, fixed));
}

function noteRouter(walk: Walk, router: Router): void {
  if (router.status === "ERROR") walk.note("warn", "routerError");
  if (router.status === "BUILD") walk.note("warn", "routerBuild");
}

function noteLeg(walk: Walk, leg: Port): void {
  if (!leg.admin_state_up) walk.note("end", "legDown");
  else if (leg.status === "ERROR") walk.note("end", "legError");
  else if (leg.status !== "ACTIVE") walk.note("warn", "legPending");
}

function notePort(walk: Walk, port: Port): void {
  if (!port.admin_state_up) walk.note("end", "portDown");
  else if (port.status === "ERROR") walk.note("end", "portError");
  else if (port.status !== "ACTIVE") walk.note("warn", "notPlugged");
}

// --- towards the instance ---

// What is behind the router's leg. `router` undefined: somebody else's.
function toInstance(walk: Walk, router: Router | undefined, { port, fixed }: End): void {
  const { cloud } = walk;
  const route = router && routeTo(routesOf(cloud, router), fixed);
  const leg = route && route.leg !== "gateway" ? route.leg : undefined;
  const down = router && insideLegs(cloud, router).find((one) => one.network_id === port.network_id && !isUp(one));
  walk.leg("insideLeg", router, leg ?? down);
  if (router && leg) noteLeg(walk, leg);
  else if (router && down) noteLeg(walk, down);
  else if (router) walk.note("end", "noInterface", { fixed });
  if (walk.ended) return;
  if (route?.via) walk.note("info", "viaNexthop", { nexthop: route.via });
  walk.network("network", port.network_id);
  walk.tap(port);
  notePort(walk, port);
  if (!walk.ended) walk.instance(port);
}

// Answers that leave by another router than the one that translated never fit their question.
function noteWayBack(walk: Walk, router: Router | undefined, end: End): void {
  const gateway = subnetOf(walk.cloud, end)?.gateway_ip;
  const back = gateway ? legAt(walk.cloud, end.port.network_id, gateway) : undefined;
  if (router && back && back.device_id !== router.id)
    walk.note("warn", "otherWayBack", { router: walk.cloud.routers.get(back.device_id)?.name ?? "" });
}

// From the external network through the router that has the floating IP.
function throughFloatingIp(walk: Walk, fip: FloatingIp): void {
  const { cloud } = walk;
  const { fixed_ip_address: fixed, router_id } = fip;
  const port = fip.port_id ? cloud.ports.get(fip.port_id) : undefined;
  const router = router_id ? cloud.routers.get(router_id) : undefined;
  if (!isV4(fip.floating_ip_address)) walk.note("end", "notIpv4");
  else if (fip.status === "ERROR") walk.note("end", "addressTaken");
  else if (!fip.port_id || !fixed || !router_id) walk.note("end", "notAssociated");
  if (walk.ended || !fixed) return;

  walk.leg("externalLeg", router, undefined);
  const trouble = router ? gatewayTrouble(cloud, router, fip.floating_network_id) : null;
  if (trouble) walk.note("end", trouble);
  else if (router) noteRouter(walk, router);
  else walk.note("info", "foreignRouter");
  if (walk.ended) return;

  walk.nat(router, { destination: fixed });
  if (fip.status === "DOWN") walk.note("warn", "notConfirmed");
  if (!port) return walk.note("info", "foreignPort", { fixed });
  toInstance(walk, router, { port, fixed });
  if (!walk.ended) noteWayBack(walk, router, { port, fixed });
}

// From outside to the floating IP.
export function wayIn(cloud: Cloud, fip: FloatingIp): Way {
  const walk = new Walk(cloud, { source: anyHost, destination: fip.floating_ip_address });
  walk.outside();
  walk.network("external", fip.floating_network_id);
  throughFloatingIp(walk, fip);
  return walk.done();
}

// --- from the instance ---

// To the router at the subnet's gateway address; undefined where it ends or the router is somebody else's.
function toRouter(walk: Walk, from: End): Router | undefined {
  const { cloud } = walk;
  const { port } = from;
  const subnet = subnetOf(cloud, from);
  walk.instance(port);
  if (subnet && !subnet.gateway_ip) walk.note("end", "noSubnetGateway");
  if (walk.ended) return undefined;
  walk.tap(port);
  notePort(walk, port);
  if (walk.ended) return undefined;
  walk.network("network", port.network_id);
  const leg = subnet?.gateway_ip ? legAt(cloud, port.network_id, subnet.gateway_ip) : undefined;
  const router = leg && cloud.routers.get(leg.device_id);
  if (!router) {
    if (leg || !subnet || cloud.networks.get(port.network_id)?.shared) {
      walk.leg("insideLeg", undefined, leg);
      walk.note("info", "foreignRouter");
    } else walk.note("end", "noRouter", { gateway: subnet.gateway_ip ?? "" });
    return undefined;
  }
  walk.leg("insideLeg", router, leg);
  if (!router.admin_state_up) walk.note("end", "routerDown");
  else noteLeg(walk, leg);
  if (!walk.ended) noteRouter(walk, router);
  return router;
}

const withoutNumber: Record<string, string> = { host: hostAddress, unknown: routerAddress };
const shared = (source: string): string => withoutNumber[source] ?? source;

// Out by the router's gateway, with the floating IP or the address that all share. Ends on the external network.
function throughGateway(walk: Walk, router: Router, { port, fixed }: End, to: string | null): void {
  const { cloud } = walk;
  const route = routeTo(routesOf(cloud, router), to);
  const fip = floatingIpOf(cloud, router, port, fixed);
  const source = fip?.floating_ip_address ?? sharedSource(router);
  const outward = route?.leg === "gateway";
  walk.nat(router, outward && source !== "off" ? { source: shared(source) } : {});
  if (!route) walk.note("end", gatewayTrouble(cloud, router) ?? "noDefaultRoute");
  else if (route.leg !== "gateway") {
    walk.leg("insideLeg", router, route.leg);
    walk.note("warn", "leavesInside", { nexthop: route.via ?? "" });
  } else {
    noteOtherFloatingIp(walk, router, { port, fixed }, fip);
    if (source === "off") return walk.note("end", "snatOff");
    walk.leg("externalLeg", router, undefined);
    walk.network("external", router.external_gateway_info?.network_id ?? "");
  }
}

// The port has a floating IP, but what it sends does not pass the router that has it.
function noteOtherFloatingIp(walk: Walk, router: Router, { port, fixed }: End, used: FloatingIp | undefined): void {
  const other = walk.cloud.floatingIpsOfPort.get(port.id)?.find((fip) => fip.fixed_ip_address === fixed);
  if (used || !other) return;
  const elsewhere = other.router_id !== null && other.router_id !== router.id;
  walk.note("warn", elsewhere ? "otherRouter" : "unusedFloatingIp", { floating: other.floating_ip_address });
}

function throughForeignRouter(walk: Walk, { port, fixed }: End): void {
  const fip = walk.cloud.floatingIpsOfPort.get(port.id)?.find((one) => one.fixed_ip_address === fixed);
  walk.nat(undefined, { source: fip?.floating_ip_address ?? routerAddress });
  walk.leg("externalLeg", undefined, undefined);
  if (fip) walk.network("external", fip.floating_network_id);
}

// From the instance to any host outside.
export function wayOut(cloud: Cloud, from: End): Way {
  const walk = new Walk(cloud, { source: from.fixed, destination: anyHost });
  const router = toRouter(walk, from);
  if (walk.ended) return walk.done();
  if (router) throughGateway(walk, router, from, null);
  else throughForeignRouter(walk, from);
  const last = walk.hops.at(-1)?.at;
  if (!walk.ended && last !== "insideLeg") walk.outside();
  return walk.done();
}

// --- from an instance to another one's floating IP ---

// The router has both: there and back in one place, so that the answer comes back through it.
function turnBack(walk: Walk, router: Router, from: End, to: End): void {
  const { cloud } = walk;
  const route = routeTo(routesOf(cloud, router), to.fixed);
  const leg = route && route.leg !== "gateway" ? route.leg : undefined;
  const own = floatingIpOf(cloud, router, from.port, from.fixed)?.floating_ip_address;
  const address = sharedSource(router);
  const gateway = isHost(router) || address === "off" ? undefined : shared(address);
  const source = own ?? gateway ?? leg?.fixed_ips.find(({ ip_address }) => isV4(ip_address))?.ip_address;
  walk.nat(router, { source: source ?? routerAddress, destination: to.fixed });
  toInstance(walk, router, to);
}

export function wayBetween(cloud: Cloud, from: End, fip: FloatingIp): Way {
  const walk = new Walk(cloud, { source: from.fixed, destination: fip.floating_ip_address });
  const router = toRouter(walk, from);
  if (walk.ended) return walk.done();
  const port = fip.port_id ? cloud.ports.get(fip.port_id) : undefined;
  if (router && port && fip.fixed_ip_address && serves(cloud, router, fip)) {
    turnBack(walk, router, from, { port, fixed: fip.fixed_ip_address });
    return walk.done();
  }
  if (router) throughGateway(walk, router, from, fip.floating_ip_address);
  else throughForeignRouter(walk, from);
  const last = walk.hops.at(-1);
  if (walk.ended || last?.at === "insideLeg") return walk.done();
  if (last?.node?.id !== fip.floating_network_id) {
    walk.outside();
    walk.network("external", fip.floating_network_id);
  }
  throughFloatingIp(walk, fip);
  return walk.done();
}

// Every address of a port with which something can be sent.
export function endsOf(port: Port): End[] {
  return port.fixed_ips
    .filter(({ ip_address }) => isV4(ip_address))
    .map(({ ip_address }) => ({ port, fixed: ip_address }));
}
