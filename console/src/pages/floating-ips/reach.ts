// Which addresses of which ports a floating IP of a pool can lead to, and what is in the way of the others: the rules
// by which the server accepts an association, applied to what the caller sees of the network. Pure.
import type { FixedIp, FloatingIp, Network, Port, Router, Subnet } from "../../api/types";
import { contains } from "../../ui/ip";

export interface Ground {
  projectId: string;
  ports: readonly Port[]; // the project's
  interfaces: readonly Port[]; // ports of routers, as far as the caller sees them
  routers: readonly Router[];
  subnets: readonly Subnet[];
  networks: readonly Network[];
  floatingIps: readonly FloatingIp[];
  seesAll: boolean; // the lists above hold every router there is
}

export type Hindrance =
  | { why: "networkPort" | "ipv6Only" | "noAddress" | "noRouter" }
  | { why: "noGateway"; routers: readonly Router[] }
  | { why: "otherPool"; routers: readonly Router[]; pools: readonly string[] } // ids of the pools
  | { why: "taken"; by: string }; // a floating IP's address

export interface Target {
  key: string;
  port: Port;
  address: string; // "" when the port has none
  hindrance?: Hindrance;
  unsure?: true; // whether a router leads there only the server knows
}

export const interfaceOwner = "network:router_interface";
const isNetworkPort = (port: Port) => port.device_owner.startsWith("network:");
const isIpv4 = (address: string) => !address.includes(":");

interface Leg {
  portId: string;
  address: string;
  router: Router | undefined; // undefined: not seen
}

// The lists of the ground, by what they are looked up by.
class Index {
  private subnets: Map<string, Subnet>;
  private networks: Map<string, Network>;
  private ports: Map<string, Port>;
  private legs = new Map<string, Leg[]>(); // by subnet
  private byFixed: Map<string, FloatingIp[]>;
  private found = new Map<string, string | undefined>(); // routers, by subnet

  constructor(
    private ground: Ground,
    private poolId: string,
    apart: readonly string[],
  ) {
    this.subnets = new Map(ground.subnets.map((subnet) => [subnet.id, subnet]));
    this.networks = new Map(ground.networks.map((network) => [network.id, network]));
    this.ports = new Map(ground.ports.map((port) => [port.id, port]));
    this.byFixed = group(
      ground.floatingIps.filter((fip) => fip.port_id !== null && !apart.includes(fip.id)),
      (fip) => fip.fixed_ip_address ?? "",
    );
    this.addLegs();
  }

  private addLegs(): void {
    const routers = new Map(this.ground.routers.map((router) => [router.id, router]));
    const ports = this.ground.interfaces.filter((port) => port.device_owner === interfaceOwner);
    for (const port of [...ports].sort((a, b) => (a.id < b.id ? -1 : 1)))
      for (const { subnet_id, ip_address } of port.fixed_ips) {
        const leg = { portId: port.id, address: ip_address, router: routers.get(port.device_id) };
        this.legs.set(subnet_id, [...(this.legs.get(subnet_id) ?? []), leg]);
      }
  }

  // The subnet of the port's network that has the address.
  private subnetOf(port: Port, { subnet_id, ip_address }: FixedIp): Subnet | undefined {
    const named = this.subnets.get(subnet_id);
    if (named) return named;
    return this.ground.subnets.find((s) => s.network_id === port.network_id && contains(s.cidr, ip_address));
  }

  // The id of the router between subnet and pool: the one at the subnet's gateway address before any other.
  private routerTo(subnet: Subnet): string | undefined {
    if (!this.found.has(subnet.id)) this.found.set(subnet.id, this.findRouter(subnet));
    return this.found.get(subnet.id);
  }

  private findRouter(subnet: Subnet): string | undefined {
    const leading = (this.legs.get(subnet.id) ?? []).filter(
      ({ router }) => router?.external_gateway_info?.network_id === this.poolId,
    );
    const leg = leading.find(({ address }) => address === subnet.gateway_ip) ?? leading[0];
    return leg?.router?.id ?? this.provenRouter(subnet);
  }

  // A router that is not seen, but that carries a floating IP of the pool to that subnet already.
  private provenRouter(subnet: Subnet): string | undefined {
    for (const fip of this.ground.floatingIps) {
      if (!fip.router_id || fip.floating_network_id !== this.poolId || !fip.fixed_ip_address) continue;
      const port = this.ports.get(fip.port_id ?? "");
      if (port?.network_id === subnet.network_id && contains(subnet.cidr, fip.fixed_ip_address)) return fip.router_id;
    }
    return undefined;
  }

  // Others attach their routers to a network that is shared with them, or that is theirs and shared with us.
  private mayHideRouters(port: Port, subnet: Subnet | undefined): boolean {
    if (this.ground.seesAll) return false;
    if (!subnet || (this.legs.get(subnet.id) ?? []).some(({ router }) => !router)) return true;
    const network = this.networks.get(port.network_id);
    return !network || network.shared || network.project_id !== this.ground.projectId;
  }

  private noWay(subnet: Subnet | undefined): Hindrance {
    const routers = (subnet ? (this.legs.get(subnet.id) ?? []) : []).flatMap(({ router }) =>
      router ? [router] : [],
    );
    if (routers.length === 0) return { why: "noRouter" };
    const pools = new Set(routers.flatMap(({ external_gateway_info: gw }) => (gw ? [gw.network_id] : [])));
    return pools.size === 0 ? { why: "noGateway", routers } : { why: "otherPool", routers, pools: [...pools] };
  }

  // Two floating IPs of one pool, or of one router, can not share a fixed address.
  private taken(port: Port, address: string, routerId: string | undefined): Hindrance | undefined {
    const other = (this.byFixed.get(address) ?? []).find(
      (fip) =>
        (routerId !== undefined && fip.router_id === routerId) ||
        (fip.port_id === port.id && fip.floating_network_id === this.poolId),
    );
    return other && { why: "taken", by: other.floating_ip_address };
  }

  judge(port: Port, fixed: FixedIp): Pick<Target, "hindrance" | "unsure"> {
    const subnet = this.subnetOf(port, fixed);
    const routerId = subnet && this.routerTo(subnet);
    const unsure = routerId === undefined && this.mayHideRouters(port, subnet);
    if (routerId === undefined && !unsure) return { hindrance: this.noWay(subnet) };
    const hindrance = this.taken(port, fixed.ip_address, routerId);
    return { ...(hindrance && { hindrance }), ...(unsure && { unsure }) };
  }
}

function group<R>(rows: readonly R[], key: (row: R) => string): Map<string, R[]> {
  const out = new Map<string, R[]>();
  for (const row of rows) {
    const list = out.get(key(row));
    if (list) list.push(row);
    else out.set(key(row), [row]);
  }
  return out;
}

function ofPort(index: Index, port: Port): Target[] {
  const ipv4 = port.fixed_ips.filter(({ ip_address }) => isIpv4(ip_address));
  const target = (address: string, rest: Pick<Target, "hindrance" | "unsure">): Target => ({
    key: `${port.id} ${address}`,
    port,
    address,
    ...rest,
  });
  const [first] = port.fixed_ips;
  if (!first) return [target("", { hindrance: { why: isNetworkPort(port) ? "networkPort" : "noAddress" } })];
  if (isNetworkPort(port)) return [target((ipv4[0] ?? first).ip_address, { hindrance: { why: "networkPort" } })];
  if (ipv4.length === 0) return [target(first.ip_address, { hindrance: { why: "ipv6Only" } })];
  return ipv4.map((fixed) => target(fixed.ip_address, index.judge(port, fixed)));
}

// Each IPv4 address of each port; a port without any stands there once, with the reason. `apart`: the floating IPs
// that are to be associated: they are in nobody's way.
export function findTargets(ground: Ground, poolId: string, apart: readonly string[] = []): Target[] {
  const index = new Index(ground, poolId, apart);
  return ground.ports.flatMap((port) => ofPort(index, port));
}

export const isReachable = (target: Target) => target.hindrance === undefined;

// The pool that a new floating IP most likely is wanted from: the first from which something can be reached.
export function likelyPool(ground: Ground, poolIds: readonly string[]): string | undefined {
  return poolIds.find((id) => findTargets(ground, id).some(isReachable)) ?? poolIds[0];
}
