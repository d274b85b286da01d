// Resources for tests: the cloud of the reference document, and pieces to change it.
import type { FloatingIp, Network, Port, QosPolicy, Router, Subnet } from "../src/api/types";
import type { Resources } from "../src/way/cloud";

const standard = {
  project_id: "p1",
  description: "",
  tags: [],
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  revision_number: 1,
};

type Given<R> = Partial<R> & { id: string };

export const network = (given: Given<Network>): Network => ({
  ...standard,
  name: given.id,
  admin_state_up: true,
  status: "ACTIVE",
  shared: false,
  "router:external": false,
  mtu: 1500,
  subnets: [],
  ...given,
});

export const subnet = (given: Given<Subnet> & { network_id: string; cidr: string }): Subnet => ({
  ...standard,
  name: given.id,
  ip_version: given.cidr.includes(":") ? 6 : 4,
  gateway_ip: null,
  enable_dhcp: true,
  allocation_pools: [],
  dns_nameservers: [],
  host_routes: [],
  ...given,
});

export const port = (given: Given<Port> & { network_id: string }, ...addresses: [string, string][]): Port => ({
  ...standard,
  name: "",
  admin_state_up: true,
  status: "ACTIVE",
  mac_address: "fa:16:3e:00:00:01",
  fixed_ips: addresses.map(([subnet_id, ip_address]) => ({ subnet_id, ip_address })),
  device_id: "",
  device_owner: "compute:nova",
  ...given,
});

export const router = (given: Given<Router>): Router => ({
  ...standard,
  name: given.id,
  admin_state_up: true,
  status: "ACTIVE",
  external_gateway_info: null,
  routes: [],
  ...given,
});

export const floatingIp = (given: Given<FloatingIp> & { floating_ip_address: string }): FloatingIp => ({
  ...standard,
  floating_network_id: "ext_net",
  port_id: null,
  fixed_ip_address: null,
  router_id: null,
  qos_policy_id: null,
  status: given.port_id ? "ACTIVE" : "DOWN",
  port_details: null,
  ...given,
});

export const policy = (given: Given<QosPolicy>): QosPolicy => ({
  ...standard,
  name: given.id,
  shared: true,
  rules: [],
  ...given,
});

export const externalGateway = (address: string, enable_snat = true) => ({
  network_id: "ext_net",
  enable_snat,
  external_fixed_ips: [{ subnet_id: "ext_sub", ip_address: address }],
});

export const leg = (id: string, router_id: string, network_id: string, subnet_id: string, address: string): Port =>
  port({ id, network_id, device_id: router_id, device_owner: "network:router_interface" }, [subnet_id, address]);

// cirros-vm1 and cirros-vm3 on two networks behind router_100_101; vm3 has 10.10.10.3, 10.10.10.9 is free.
export function referenceCloud(): Resources {
  return {
    networks: [
      network({ id: "ext_net", "router:external": true }),
      network({ id: "vlan100" }),
      network({ id: "vlan101" }),
    ],
    subnets: [
      subnet({ id: "ext_sub", network_id: "ext_net", cidr: "10.10.10.0/24", gateway_ip: "10.10.10.1" }),
      subnet({ id: "sub100", network_id: "vlan100", cidr: "172.16.100.0/24", gateway_ip: "172.16.100.1" }),
      subnet({ id: "sub101", network_id: "vlan101", cidr: "172.16.101.0/24", gateway_ip: "172.16.101.1" }),
    ],
    ports: [
      leg("leg100-aaaaaaaa", "router_100_101", "vlan100", "sub100", "172.16.100.1"),
      leg("leg101-aaaaaaaa", "router_100_101", "vlan101", "sub101", "172.16.101.1"),
      port({ id: "portvm1-aaaaaaaa", network_id: "vlan100", device_id: "vm1" }, ["sub100", "172.16.100.3"]),
      port({ id: "portvm3-aaaaaaaa", network_id: "vlan101", device_id: "vm3" }, ["sub101", "172.16.101.3"]),
    ],
    routers: [router({ id: "router_100_101", external_gateway_info: externalGateway("10.10.10.2") })],
    floatingips: [
      floatingIp({
        id: "fip3",
        floating_ip_address: "10.10.10.3",
        port_id: "portvm3-aaaaaaaa",
        fixed_ip_address: "172.16.101.3",
        router_id: "router_100_101",
      }),
      floatingIp({ id: "fip9", floating_ip_address: "10.10.10.9" }),
    ],
    servers: [
      { id: "vm1", name: "cirros-vm1" },
      { id: "vm3", name: "cirros-vm3" },
    ],
  };
}

// The same resources with some attributes of one of them changed.
export function changed<K extends keyof Resources>(
  all: Resources,
  kind: K,
  id: string,
  attributes: Partial<Resources[K][number]>,
): Resources {
  return { ...all, [kind]: all[kind].map((row) => (row.id === id ? { ...row, ...attributes } : row)) };
}

export function added<K extends keyof Resources>(
  all: Resources,
  kind: K,
  ...rows: Resources[K][number][]
): Resources {
  return { ...all, [kind]: [...all[kind], ...rows] };
}

export function without<K extends keyof Resources>(all: Resources, kind: K, id: string): Resources {
  return { ...all, [kind]: all[kind].filter((row) => row.id !== id) };
}
