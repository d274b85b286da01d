// Which instances a floating IP can lead to: the same answers as the server's.
import { describe, expect, it } from "vitest";

import { findTargets, isReachable, likelyPool, type Ground, type Target } from "../src/pages/floating-ips/reach";
import type { FloatingIp, Port } from "../src/api/types";
import { floatingIp, leg, network, port, router, subnet } from "./some-cloud";

const inPool = (id: string, pool: string | null) =>
  router({ id, external_gateway_info: pool ? { network_id: pool } : null });

const instance = (id: string, fixed: [string, string][], more: Partial<Port> = {}): Port =>
  port({ id, network_id: "net", device_id: `server-of-${id}`, ...more }, ...fixed);

const legOf = (id: string, routerId: string, address: string, subnetId = "sub") =>
  leg(id, routerId, "net", subnetId, address);

const carried = (id: string, more: Partial<FloatingIp>) =>
  floatingIp({
    id,
    floating_network_id: "ext",
    floating_ip_address: `10.10.10.${id.replace(/\D/g, "")}`,
    ...more,
  });

// One network behind one router, an instance in it.
function ground(more: Partial<Ground> = {}): Ground {
  return {
    projectId: "p1",
    ports: [instance("vm3", [["sub", "172.16.101.3"]])],
    interfaces: [legOf("leg", "r1", "172.16.101.1")],
    routers: [inPool("r1", "ext")],
    subnets: [subnet({ id: "sub", network_id: "net", cidr: "172.16.101.0/24", gateway_ip: "172.16.101.1" })],
    networks: ["net", "ext", "ext2"].map((id) => network({ id })),
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
    const g = ground({ interfaces: [legOf("leg", "r1", "172.16.101.254")] });
    expect(only(findTargets(g, "ext")).hindrance).toBeUndefined();
  });

  it("behind one of two routers", () => {
    const g = ground({
      interfaces: [legOf("a", "r2", "172.16.101.1"), legOf("b", "r1", "172.16.101.2")],
      routers: [inPool("r1", "ext"), inPool("r2", "ext2")],
    });
    expect(only(findTargets(g, "ext")).hindrance).toBeUndefined();
    expect(only(findTargets(g, "ext2")).hindrance).toBeUndefined();
  });

  it("when it is switched off, or its router is: that is no question of the way", () => {
    const g = ground({ routers: [{ ...inPool("r1", "ext"), admin_state_up: false, status: "DOWN" }] });
    expect(isReachable(only(findTargets(g, "ext")))).toBe(true);
  });

  it("without an instance: a port alone, for an address that moves", () => {
    const g = ground({ ports: [instance("vip", [["sub", "172.16.101.9"]], { device_id: "", device_owner: "" })] });
    expect(isReachable(only(findTargets(g, "ext")))).toBe(true);
  });

  it("by each of its IPv4 addresses", () => {
    const fixed: [string, string][] = [
      ["sub", "172.16.101.3"],
      ["sub6", "2001:db8::3"],
      ["sub", "172.16.101.4"],
    ];
    const targets = findTargets(ground({ ports: [instance("vm3", fixed)] }), "ext");
    expect(targets.map(({ address }) => address)).toEqual(["172.16.101.3", "172.16.101.4"]);
    expect(targets.every(isReachable)).toBe(true);
  });

  it("by the address whose subnet has the router, not by the other", () => {
    const g = ground({
      ports: [
        instance("vm3", [
          ["sub", "172.16.101.3"],
          ["lone", "192.168.7.3"],
        ]),
      ],
      subnets: [
        subnet({ id: "sub", network_id: "net", cidr: "172.16.101.0/24", gateway_ip: "172.16.101.1" }),
        subnet({ id: "lone", network_id: "net", cidr: "192.168.7.0/24", gateway_ip: "192.168.7.1" }),
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
    const g = ground({ interfaces: [legOf("leg", "r1", "192.168.9.1", "other")] });
    expect(only(findTargets(g, "ext")).hindrance).toEqual({ why: "noRouter" });
  });

  it("a router without a gateway", () => {
    const routers = [inPool("r1", null)];
    expect(only(findTargets(ground({ routers }), "ext")).hindrance).toEqual({ why: "noGateway", routers });
  });

  it("a gateway in another pool", () => {
    const routers = [inPool("r1", "ext2")];
    expect(only(findTargets(ground({ routers }), "ext")).hindrance).toEqual({
      why: "otherPool",
      routers,
      pools: ["ext2"],
    });
  });

  it("a router with its gateway elsewhere outdoes one without", () => {
    const g = ground({
      interfaces: [legOf("a", "r1", "172.16.101.1"), legOf("b", "r2", "172.16.101.2")],
      routers: [inPool("r1", null), inPool("r2", "ext2")],
    });
    expect(only(findTargets(g, "ext")).hindrance).toMatchObject({ why: "otherPool", pools: ["ext2"] });
  });

  it("only IPv6", () => {
    const g = ground({ ports: [instance("vm6", [["sub6", "2001:db8::3"]])] });
    expect(only(findTargets(g, "ext"))).toMatchObject({ address: "2001:db8::3", hindrance: { why: "ipv6Only" } });
  });

  it("no address at all", () => {
    expect(only(findTargets(ground({ ports: [instance("bare", [])] }), "ext")).hindrance).toEqual({
      why: "noAddress",
    });
  });

  it.each(["network:router_interface", "network:router_gateway", "network:dhcp", "network:floatingip"])(
    "a port of the network's own: %s",
    (device_owner) => {
      const g = ground({ ports: [instance("own", [["sub", "172.16.101.1"]], { device_owner })] });
      expect(only(findTargets(g, "ext")).hindrance).toEqual({ why: "networkPort" });
    },
  );
});

describe("an address that has a floating IP already", () => {
  const at = (more: Partial<FloatingIp>) =>
    carried("f7", { port_id: "vm3", fixed_ip_address: "172.16.101.3", router_id: "r1", ...more });

  it("is taken by one of the same pool", () => {
    const g = ground({ floatingIps: [at({})] });
    expect(only(findTargets(g, "ext")).hindrance).toEqual({ why: "taken", by: "10.10.10.7" });
  });

  it("is not taken by the floating IP itself", () => {
    expect(isReachable(only(findTargets(ground({ floatingIps: [at({})] }), "ext", ["f7"])))).toBe(true);
  });

  it("is not taken by one that leads to the port's other address", () => {
    const g = ground({ floatingIps: [at({ fixed_ip_address: "172.16.101.4" })] });
    expect(isReachable(only(findTargets(g, "ext")))).toBe(true);
  });

  it("is not taken by one of another pool through another router", () => {
    const g = ground({
      interfaces: [legOf("a", "r1", "172.16.101.1"), legOf("b", "r2", "172.16.101.2")],
      routers: [inPool("r1", "ext"), inPool("r2", "ext2")],
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
    const interfaces = [legOf("a", "r2", "172.16.101.2"), legOf("b", "r1", "172.16.101.1")];
    const routers = [inPool("r1", "ext"), inPool("r2", "ext")];
    const by = (router_id: string) =>
      only(findTargets(ground({ interfaces, routers, floatingIps: [at({ port_id: "vip", router_id })] }), "ext"));
    expect(by("r1").hindrance).toMatchObject({ why: "taken" });
    expect(by("r2").hindrance).toBeUndefined();
  });
});

describe("a network whose routers belong to others", () => {
  const shared = [network({ id: "net", shared: true, project_id: "p9" })];
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
    const first5 = carried("f5", { port_id: "vm4", fixed_ip_address: "172.16.101.4", router_id: "r9" });
    const ports = [instance("vm3", [["sub", "172.16.101.3"]]), instance("vm4", [["sub", "172.16.101.4"]])];
    const [first, second] = findTargets(ground({ ...hidden, ports, floatingIps: [first5] }), "ext");
    expect(first).toEqual({ key: "vm3 172.16.101.3", port: ports[0], address: "172.16.101.3" });
    expect(second?.hindrance).toEqual({ why: "taken", by: "10.10.10.5" });
  });

  it("still says that the address is taken", () => {
    const mine = carried("f5", { port_id: "vm3", fixed_ip_address: "172.16.101.3", router_id: "r9" });
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
