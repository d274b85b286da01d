// The resources by their ids and by what they belong to, as the way of a packet and the topology look them up. Pure.
import type { FloatingIp, Network, Port, Router, Subnet } from "../api/types";

export interface NamedServer {
  id: string;
  name: string;
  status?: string;
}

// What was fetched; a tenant does not see all of it.
export interface Resources {
  networks: readonly Network[];
  subnets: readonly Subnet[];
  ports: readonly Port[];
  routers: readonly Router[];
  floatingips: readonly FloatingIp[];
  servers: readonly NamedServer[];
}

export interface Cloud {
  networks: ReadonlyMap<string, Network>;
  subnets: ReadonlyMap<string, Subnet>;
  ports: ReadonlyMap<string, Port>;
  routers: ReadonlyMap<string, Router>;
  floatingips: ReadonlyMap<string, FloatingIp>;
  servers: ReadonlyMap<string, NamedServer>;
  portsOfDevice: ReadonlyMap<string, readonly Port[]>;
  portsOfNetwork: ReadonlyMap<string, readonly Port[]>;
  subnetsOfNetwork: ReadonlyMap<string, readonly Subnet[]>;
  floatingIpsOfPort: ReadonlyMap<string, readonly FloatingIp[]>;
}

export function groupBy<R>(rows: readonly R[], key: (row: R) => string | null): Map<string, R[]> {
  const out = new Map<string, R[]>();
  for (const row of rows) {
    const at = key(row);
    if (!at) continue;
    const list = out.get(at);
    if (list) list.push(row);
    else out.set(at, [row]);
  }
  return out;
}

const byId = <R extends { id: string }>(rows: readonly R[]) => new Map(rows.map((row) => [row.id, row]));

export function indexCloud(all: Resources): Cloud {
  const ports = byId(all.ports); // lists that were fetched by different filters may overlap
  return {
    networks: byId(all.networks),
    subnets: byId(all.subnets),
    ports,
    routers: byId(all.routers),
    floatingips: byId(all.floatingips),
    servers: byId(all.servers),
    portsOfDevice: groupBy([...ports.values()], (port) => port.device_id),
    portsOfNetwork: groupBy([...ports.values()], (port) => port.network_id),
    subnetsOfNetwork: groupBy(all.subnets, (subnet) => subnet.network_id),
    floatingIpsOfPort: groupBy(all.floatingips, (fip) => fip.port_id),
  };
}

// Neither a router's port nor another of the network's own.
export function isInstancePort(port: Port): boolean {
  return !port.device_owner.startsWith("network:");
}

// What a port's machine is called.
export function instanceName(cloud: Cloud, port: Port): string {
  return cloud.servers.get(port.device_id)?.name || port.name || port.device_id || port.id;
}

// Devices in the kernel have the first 11 characters of a port's or network's id in their names.
export function deviceName(prefix: "tap" | "qr-" | "qg-" | "brq", id: string): string {
  return prefix + id.slice(0, 11);
}
