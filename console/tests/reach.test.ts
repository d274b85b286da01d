// Which instances a floating IP can lead to: the same answers as the server's.
import { describe, expect, it } from "vitest";

import { findTargets, isReachable, likelyPool, type Ground, type Target } from "../src/pages/floating-ips/reach";
import type { FloatingIp, Network, Port, Router, Subnet } from "../src/api/types";

const standard = {
  project_id: "p1",
  description: "",
  tags: [],
  created_at: "",
  updated_at: "",
  revision_number: 1,
};

const network = (id: string, more: Partial<Network> = {}): Network => ({
  ...standard,
  id,
  name: id,
  admin_state_up: true,
  status: "ACTIVE",
  shared: false,
  "router:external": false,
  mtu: 1450,
  subnets: [],
  ...more,
});

const subnet = (id: string, networkId: string, cidr: string, gateway: string | null, more: Partial<Subnet> = {}) =>
  ({
    ...standard,
    id,
    name: id,
    network_id: networkId,
    ip_version: cidr.includes(":") ? 6 : 4,
    cidr,
    gateway_ip: gateway,
    enable_dhcp: true,
    allocation_pools: [],
    dns_nameservers: [],
    host_routes: [],
    ...more,
  }) as Subnet;

const port = (id: string, networkId: string, fixed: [string, string][], more: Partial<Port> = {}): Port => ({
  ...standard,
  id,
  name: "",
  network_id: networkId,
  admin_state_up: true,
  status: "ACTIVE",
  mac_address: "fa:16:3e:00:00:01",
  fixed_ips: fixed.map(([subnet_id, ip_address]) => ({ subnet_id, ip_address })),
  device_id: `server-of-${id}`,
  device_owner: "compute:nova",
  ...more,
});

const leg = (id: string, routerId: string, networkId: string, fixed: [string, string][]) =>
  port(id, networkId, fixed, { device_id: routerId, device_owner: "network:router_interface" });

const router = (id: string, poolId: string | null): Router => ({
  ...standard,
  id,
  name: id,
  admin_state_up: true,
  status: "ACTIVE",
  external_gateway_info: poolId ? { network_id: poolId } : null,
  routes: [],
});

const floatingIp = (id: string, more: Partial<FloatingIp> = {}): FloatingIp => ({
  ...standard,
  id,
  floating_network_id: "ext",
  floating_ip_address: `10.10.10.${id.replace(/\D/g, "")}`,
  port_id: null,
  fixed_ip_address: null,
  router_id: null,
  status: "DOWN",
  port_details: null,
  ...more,
});

// One network behind one router, an instance in it.
function ground(more: Partial<Ground> = {}): Ground {
  return {
    projectId: "p1",
    ports: [port("vm3", "net", [["sub", "172.16.101.3"]])],
    interfaces: [leg("leg", "r1", "net", [["sub", "172.16.101.1"]])],
    routers: [router("r1", "ext")],
    subnets: [subnet("sub", "net", "172.16.101.0/24", "172.16.101.1")],
    networks: [network("net"), network("ext", { "router:external": true }), network("ext2")],
    floatingIps: [],
    seesAll: false,
    ...more,
  };
}

const only = (list: Target[]): Target => {
  expect(list).toHaveLength(1);
  return list[0] as Target;
};

describe("an instance is reachable", () => {
  it("behind a router whose gateway is in the pool", () => {
    const target = only(findTargets(ground(), "ext"));
    expect(target).toMatchObject({ key: "vm3 172.16.101.3", address: "172.16.101.3" });
    expect(isReachable(target)).toBe(true);
    expect(target.unsure).toBeUndefined();
  });

  it("behind a router that is not at the subnet's gateway address", () => {
    const g = ground({ interfaces: [leg("leg", "r1", "net", [["sub", "172.16.101.254"]])] });
    expect(only(findTargets(g, "ext")).hindrance).toBeUndefined();
  });

  it("behind one of two routers", () => {
    const g = ground({
      interfaces: [
        leg("a", "r2", "net", [["sub", "172.16.101.1"]]),
        leg("b", "r1", "net", [["sub", "172.16.101.2"]]),
      ],
      routers: [router("r1", "ext"), router("r2", "ext2")],
    });
    expect(only(findTargets(g, "ext")).hindrance).toBeUndefined();
    expect(only(findTargets(g, "ext2")).hindrance).toBeUndefined();
  });

  it("when it is switched off, or its router is: that is no question of the way", () => {
    const g = ground({ routers: [{ ...router("r1", "ext"), admin_state_up: false, status: "DOWN" }] });
    expect(isReachable(only(findTargets(g, "ext")))).toBe(true);
  });

  it("without an instance: a port alone, for an address that moves", () => {
    const g = ground({ ports: [port("vip", "net", [["sub", "172.16.101.9"]], { device_id: "", device_owner: "" })] });
    expect(isReachable(only(findTargets(g, "ext")))).toBe(true);
  });

  it("by each of its IPv4 addresses", () => {
    const fixed: [string, string][] = [
      ["sub", "172.16.101.3"],
      ["sub6", "2001:db8::3"],
      ["sub", "172.16.101.4"],
    ];
    const targets = findTargets(ground({ ports: [port("vm3", "net", fixed)] }), "ext");
    expect(targets.map(({ address }) => address)).toEqual(["172.16.101.3", "172.16.101.4"]);
    expect(targets.every(isReachable)).toBe(true);
  });

  it("by the address whose subnet has the router, not by the other", () => {
    const g = ground({
      ports: [
        port("vm3", "net", [
          ["sub", "172.16.101.3"],
          ["lone", "192.168.7.3"],
        ]),
      ],
      subnets: [
        subnet("sub", "net", "172.16.101.0/24", "172.16.101.1"),
        subnet("lone", "net", "192.168.7.0/24", "192.168.7.1"),
      ],
    });
    expect(findTargets(g, "ext").map(isReachable)).toEqual([true, false]);
  });
});

describe("what is in the way", () => {
  it("no router on the subnet", () => {
    expect(only(findTargets(ground({ interfaces: [] }), "ext")).hindrance).toEqual({ why: "noRouter" });
  });

  it("a router on another subnet of the network is none", () => {
    const g = ground({ interfaces: [leg("leg", "r1", "net", [["other", "192.168.9.1"]])] });
    expect(only(findTargets(g, "ext")).hindrance).toEqual({ why: "noRouter" });
  });

  it("a router without a gateway", () => {
    const routers = [router("r1", null)];
    expect(only(findTargets(ground({ routers }), "ext")).hindrance).toEqual({ why: "noGateway", routers });
  });

  it("a gateway in another pool", () => {
    const routers = [router("r1", "ext2")];
    expect(only(findTargets(ground({ routers }), "ext")).hindrance).toEqual({
      why: "otherPool",
      routers,
      pools: ["ext2"],
    });
  });

  it("a router with its gateway elsewhere outdoes one without", () => {
    const g = ground({
      interfaces: [
        leg("a", "r1", "net", [["sub", "172.16.101.1"]]),
        leg("b", "r2", "net", [["sub", "172.16.101.2"]]),
      ],
      routers: [router("r1", null), router("r2", "ext2")],
    });
    expect(only(findTargets(g, "ext")).hindrance).toMatchObject({ why: "otherPool", pools: ["ext2"] });
  });

  it("only IPv6", () => {
    const g = ground({ ports: [port("vm6", "net", [["sub6", "2001:db8::3"]])] });
    expect(only(findTargets(g, "ext"))).toMatchObject({ address: "2001:db8::3", hindrance: { why: "ipv6Only" } });
  });

  it("no address at all", () => {
    expect(only(findTargets(ground({ ports: [port("bare", "net", [])] }), "ext")).hindrance).toEqual({
      why: "noAddress",
    });
  });

  it.each(["network:router_interface", "network:router_gateway", "network:dhcp", "network:floatingip"])(
    "a port of the network's own: %s",
    (device_owner) => {
      const g = ground({ ports: [port("own", "net", [["sub", "172.16.101.1"]], { device_owner })] });
      expect(only(findTargets(g, "ext")).hindrance).toEqual({ why: "networkPort" });
    },
  );
});

describe("an address that has a floating IP already", () => {
  const at = (more: Partial<FloatingIp>) =>
    floatingIp("f7", { port_id: "vm3", fixed_ip_address: "172.16.101.3", router_id: "r1", ...more });

  it("is taken by one of the same pool", () => {
    const g = ground({ floatingIps: [at({})] });
    expect(only(findTargets(g, "ext")).hindrance).toEqual({ why: "taken", by: "10.10.10.7" });
  });

  it("is not taken by the floating IP itself", () => {
    expect(isReachable(only(findTargets(ground({ floatingIps: [at({})] }), "ext", "f7")))).toBe(true);
  });

  it("is not taken by one that leads to the port's other address", () => {
    const g = ground({ floatingIps: [at({ fixed_ip_address: "172.16.101.4" })] });
    expect(isReachable(only(findTargets(g, "ext")))).toBe(true);
  });

  it("is not taken by one of another pool through another router", () => {
    const g = ground({
      interfaces: [
        leg("a", "r1", "net", [["sub", "172.16.101.1"]]),
        leg("b", "r2", "net", [["sub", "172.16.101.2"]]),
      ],
      routers: [router("r1", "ext"), router("r2", "ext2")],
      floatingIps: [at({ router_id: "r2", floating_network_id: "ext2" })],
    });
    expect(isReachable(only(findTargets(g, "ext")))).toBe(true);
  });

  it("is taken by another port's with the same address, through the same router", () => {
    const g = ground({ floatingIps: [at({ port_id: "vip" })] });
    expect(only(findTargets(g, "ext")).hindrance).toMatchObject({ why: "taken" });
  });

  it("is not taken by another project's like address behind another router", () => {
    const g = ground({ floatingIps: [at({ port_id: "elsewhere", router_id: "r9" })] });
    expect(isReachable(only(findTargets(g, "ext")))).toBe(true);
  });

  it("is taken through the router at the gateway's address, where two lead to the pool", () => {
    const interfaces = [
      leg("a", "r2", "net", [["sub", "172.16.101.2"]]),
      leg("b", "r1", "net", [["sub", "172.16.101.1"]]),
    ];
    const routers = [router("r1", "ext"), router("r2", "ext")];
    const by = (router_id: string) =>
      only(findTargets(ground({ interfaces, routers, floatingIps: [at({ port_id: "vip", router_id })] }), "ext"));
    expect(by("r1").hindrance).toMatchObject({ why: "taken" });
    expect(by("r2").hindrance).toBeUndefined();
  });
});

describe("a network whose routers belong to others", () => {
  const shared = [network("net", { shared: true, project_id: "p9" })];
  const hidden = { networks: shared, interfaces: [], routers: [] };

  it("may have one that leads to the pool", () => {
    expect(only(findTargets(ground(hidden), "ext"))).toMatchObject({ unsure: true });
  });

  it("has none when everything is seen", () => {
    expect(only(findTargets(ground({ ...hidden, seesAll: true }), "ext"))).toMatchObject({
      hindrance: { why: "noRouter" },
    });
  });

  it("has one for certain when a floating IP goes that way already", () => {
    const carried = floatingIp("f5", { port_id: "vm4", fixed_ip_address: "172.16.101.4", router_id: "r9" });
    const ports = [port("vm3", "net", [["sub", "172.16.101.3"]]), port("vm4", "net", [["sub", "172.16.101.4"]])];
    const [first, second] = findTargets(ground({ ...hidden, ports, floatingIps: [carried] }), "ext");
    expect(first).toEqual({ key: "vm3 172.16.101.3", port: ports[0], address: "172.16.101.3" });
    expect(second?.hindrance).toEqual({ why: "taken", by: "10.10.10.5" });
  });

  it("still says that the address is taken", () => {
    const mine = floatingIp("f5", { port_id: "vm3", fixed_ip_address: "172.16.101.3", router_id: "r9" });
    expect(only(findTargets(ground({ ...hidden, floatingIps: [mine] }), "ext")).hindrance).toMatchObject({
      why: "taken",
    });
  });

  it("is doubtful as well when the router of an interface is not seen", () => {
    expect(only(findTargets(ground({ routers: [] }), "ext"))).toMatchObject({ unsure: true });
  });

  it("is doubtful when the subnet is not seen", () => {
    expect(only(findTargets(ground({ subnets: [] }), "ext"))).toMatchObject({ unsure: true });
  });
});

describe("the likely pool", () => {
  it("is the first from which something can be reached", () => {
    expect(likelyPool(ground(), ["ext2", "ext"])).toBe("ext");
  });
  it("is the first of all when nothing can", () => {
    expect(likelyPool(ground({ ports: [] }), ["ext2", "ext"])).toBe("ext2");
    expect(likelyPool(ground(), [])).toBeUndefined();
  });
});
