// The way of a packet agrees with what the planner makes the kernel do (src/plan).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import texts from "../src/i18n/en/way.json";
import { indexCloud, type Resources } from "../src/way/cloud";
import { translates, type Way } from "../src/way/walk";
import { endsOf, wayBetween, wayIn, wayOut } from "../src/way/way";
import {
  added,
  changed,
  externalGateway,
  floatingIp,
  leg,
  network,
  port,
  referenceCloud,
  router,
  subnet,
  without,
} from "./some-cloud";

const vm1 = "portvm1-aaaaaaaa";
const vm3 = "portvm3-aaaaaaaa";
const theRouter = "router_100_101";

const seen = new Set<string>(); // keys of notes

// "external, externalLeg, nat 10.10.10.3>172.16.101.3, ..., !end" in one line.
function print(way: Way): string {
  return way.hops
    .map((hop) => {
      const what = translates(hop);
      const { before, after } = hop;
      const source = what === "source" || what === "both" ? ` s:${before.source}>${after.source}` : "";
      const destination =
        what === "destination" || what === "both" ? ` d:${before.destination}>${after.destination}` : "";
      const marks = { info: "i:", warn: "?", end: "!" };
      const notes = hop.notes.map(({ key, level }) => ` ${marks[level]}${key}`).join("");
      hop.notes.forEach(({ key }) => seen.add(key));
      return hop.at + source + destination + notes;
    })
    .join(", ");
}

function inward(all: Resources, id = "fip3"): string {
  const cloud = indexCloud(all);
  const fip = cloud.floatingips.get(id);
  if (!fip) throw new Error(id);
  return print(wayIn(cloud, fip));
}

function endOf(all: Resources, id: string, at = 0) {
  const found = all.ports.find((one) => one.id === id);
  const end = found && endsOf(found)[at];
  if (!end) throw new Error(id);
  return end;
}

const outward = (all: Resources, id: string) => print(wayOut(indexCloud(all), endOf(all, id)));

function between(all: Resources, from: string, to: string): string {
  const cloud = indexCloud(all);
  const fip = cloud.floatingips.get(to);
  if (!fip) throw new Error(to);
  return print(wayBetween(cloud, endOf(all, from), fip));
}

const base = referenceCloud();
const route = (attributes: object) => changed(base, "routers", theRouter, attributes);
const toNat = "outside, external, externalLeg, nat d:10.10.10.3>172.16.101.3";

describe("from outside to a floating IP", () => {
  it("goes by the router's legs to the instance", () => {
    expect(inward(base)).toBe(`${toNat}, insideLeg, network, tap, instance`);
  });

  it("names places and devices", () => {
    const cloud = indexCloud(
      changed(
        added(
          base,
          "ports",
          port({
            id: "gateway-aaaaaa",
            network_id: "ext_net",
            device_id: theRouter,
            device_owner: "network:router_gateway",
          }),
        ),
        "networks",
        "vlan101",
        { "provider:network_type": "vxlan" },
      ),
    );
    const way = wayIn(cloud, cloud.floatingips.get("fip3")!);
    expect(way.hops.map(({ name, devices }) => [name, ...devices].join(" "))).toEqual([
      "",
      "ext_net",
      "router_100_101 qg-gateway-aaa",
      "router_100_101 qrouter-router_100_101",
      "router_100_101 qr-leg101-aaaa",
      "vlan101 brqvlan101",
      " tapportvm3-aaa",
      "cirros-vm3",
    ]);
    expect(way.state).toBe("whole");
    expect(way.hops[0]?.before).toEqual({ source: "@anyHost", destination: "10.10.10.3" });
    expect(way.hops.at(-1)?.after).toEqual({ source: "@anyHost", destination: "172.16.101.3" });
  });

  it.each<[string, Resources, string, string?]>([
    ["not associated", base, "outside, external !notAssociated", "fip9"],
    [
      "taken by a stranger",
      changed(base, "floatingips", "fip3", { status: "ERROR" }),
      "outside, external !addressTaken",
    ],
    [
      "taken, and not associated",
      changed(base, "floatingips", "fip9", { status: "ERROR" }),
      "outside, external !addressTaken",
      "fip9",
    ],
    [
      "IPv6",
      changed(base, "floatingips", "fip9", { floating_ip_address: "2001:db8::9" }),
      "outside, external !notIpv4",
      "fip9",
    ],
    ["router switched off", route({ admin_state_up: false }), "outside, external, externalLeg !routerDown"],
    ["no gateway", route({ external_gateway_info: null }), "outside, external, externalLeg !noGateway"],
    [
      "another gateway",
      route({ external_gateway_info: { network_id: "other" } }),
      "outside, external, externalLeg !otherGateway",
    ],
    [
      "not confirmed",
      changed(base, "floatingips", "fip3", { status: "DOWN" }),
      `${toNat} ?notConfirmed, insideLeg, network, tap, instance`,
    ],
    [
      "router in error",
      route({ status: "ERROR" }),
      "outside, external, externalLeg ?routerError, nat d:10.10.10.3>172.16.101.3, insideLeg, network, tap, instance",
    ],
    [
      "router being made",
      route({ status: "BUILD" }),
      "outside, external, externalLeg ?routerBuild, nat d:10.10.10.3>172.16.101.3, insideLeg, network, tap, instance",
    ],
    ["no interface", without(base, "ports", "leg101-aaaaaaaa"), `${toNat}, insideLeg !noInterface`],
    [
      "interface off",
      changed(base, "ports", "leg101-aaaaaaaa", { admin_state_up: false }),
      `${toNat}, insideLeg !legDown`,
    ],
    [
      "interface in error",
      changed(base, "ports", "leg101-aaaaaaaa", { status: "ERROR" }),
      `${toNat}, insideLeg !legError`,
    ],
    [
      "interface not confirmed",
      changed(base, "ports", "leg101-aaaaaaaa", { status: "DOWN" }),
      `${toNat}, insideLeg ?legPending, network, tap, instance`,
    ],
    [
      "port off",
      changed(base, "ports", vm3, { admin_state_up: false, status: "DOWN" }),
      `${toNat}, insideLeg, network, tap !portDown`,
    ],
    [
      "port in error",
      changed(base, "ports", vm3, { status: "ERROR" }),
      `${toNat}, insideLeg, network, tap !portError`,
    ],
    [
      "not plugged",
      changed(base, "ports", vm3, { status: "DOWN" }),
      `${toNat}, insideLeg, network, tap ?notPlugged, instance`,
    ],
    [
      "somebody else's router",
      without(base, "routers", theRouter),
      "outside, external, externalLeg i:foreignRouter, nat d:10.10.10.3>172.16.101.3, insideLeg, network, tap, instance",
    ],
    ["somebody else's port", without(base, "ports", vm3), `${toNat} i:foreignPort`],
  ])("%s", (_name, all, expected, id) => {
    expect(inward(all, id)).toBe(expected);
  });

  it("ends at a gateway port that is off, for those who see it", () => {
    const gateway = { id: "gw", network_id: "ext_net", device_id: theRouter, device_owner: "network:router_gateway" };
    expect(inward(added(base, "ports", port({ ...gateway, admin_state_up: false })))).toBe(
      "outside, external, externalLeg !gatewayDown",
    );
    expect(inward(added(base, "ports", port({ ...gateway, status: "ERROR" })))).toContain("!gatewayDown");
  });

  it("finds an address beside the port's own (allowed address pair)", () => {
    const all = changed(base, "floatingips", "fip3", { fixed_ip_address: "172.16.101.50" });
    expect(inward(all)).toContain("d:10.10.10.3>172.16.101.50, insideLeg, network, tap, instance");
  });

  it("follows a static route to a subnet behind another machine", () => {
    const far = changed(base, "floatingips", "fip3", { fixed_ip_address: "192.168.9.9" });
    expect(inward(far)).toContain("insideLeg !noInterface");
    const routed = changed(far, "routers", theRouter, {
      routes: [{ destination: "192.168.9.0/24", nexthop: "172.16.101.3" }],
    });
    expect(inward(routed)).toContain("insideLeg i:viaNexthop, network, tap, instance");
    const strange = changed(far, "routers", theRouter, {
      routes: [{ destination: "192.168.9.0/24", nexthop: "1.2.3.4" }],
    });
    expect(inward(strange)).toContain("insideLeg !noInterface");
  });

  it("warns when answers leave by another router", () => {
    const all = added(
      changed(base, "ports", "leg101-aaaaaaaa", { fixed_ips: [{ subnet_id: "sub101", ip_address: "172.16.101.2" }] }),
      "ports",
      leg("legother", "other", "vlan101", "sub101", "172.16.101.1"),
    );
    const both = added(all, "routers", router({ id: "other", external_gateway_info: externalGateway("10.10.10.7") }));
    expect(inward(both)).toBe(`${toNat}, insideLeg, network, tap, instance ?otherWayBack`);
    expect(outward(both, vm3)).toContain("nat s:172.16.101.3>10.10.10.7 ?otherRouter");
  });
});

const fromVm = "instance, tap, network, insideLeg";

describe("from an instance to outside", () => {
  it("leaves with its floating IP", () => {
    expect(outward(base, vm3)).toBe(`${fromVm}, nat s:172.16.101.3>10.10.10.3, externalLeg, external, outside`);
  });

  it("leaves with the gateway's address without one", () => {
    expect(outward(base, vm1)).toBe(`${fromVm}, nat s:172.16.100.3>10.10.10.2, externalLeg, external, outside`);
  });

  const snatOff = route({ external_gateway_info: externalGateway("10.10.10.2", false) });
  it("is dropped where SNAT is off, unless it has a floating IP", () => {
    expect(outward(snatOff, vm1)).toBe(`${fromVm}, nat !snatOff`);
    expect(outward(snatOff, vm3)).toBe(`${fromVm}, nat s:172.16.101.3>10.10.10.3, externalLeg, external, outside`);
  });

  it.each<[string, Resources, string]>([
    ["router switched off", route({ admin_state_up: false }), `${fromVm} !routerDown`],
    ["interface off", changed(base, "ports", "leg100-aaaaaaaa", { admin_state_up: false }), `${fromVm} !legDown`],
    ["no gateway", route({ external_gateway_info: null }), `${fromVm}, nat !noGateway`],
    ["no interface", without(base, "ports", "leg100-aaaaaaaa"), "instance, tap, network !noRouter"],
    ["no gateway address", changed(base, "subnets", "sub100", { gateway_ip: null }), "instance !noSubnetGateway"],
    [
      "another gateway address",
      changed(base, "subnets", "sub100", { gateway_ip: "172.16.100.254" }),
      "instance, tap, network !noRouter",
    ],
    ["port off", changed(base, "ports", vm1, { admin_state_up: false }), "instance, tap !portDown"],
    ["port in error", changed(base, "ports", vm1, { status: "ERROR" }), "instance, tap !portError"],
    [
      "external subnet without a gateway",
      changed(base, "subnets", "ext_sub", { gateway_ip: null }),
      `${fromVm}, nat !noDefaultRoute`,
    ],
    [
      "external subnet not to be seen",
      without(base, "subnets", "ext_sub"),
      `${fromVm}, nat s:172.16.100.3>10.10.10.2, externalLeg, external, outside`,
    ],
    [
      "only IPv6 at the gateway",
      route({ external_gateway_info: externalGateway("2001:db8::2") }),
      `${fromVm}, nat !snatOff`,
    ],
    [
      "router in error",
      route({ status: "ERROR" }),
      `${fromVm} ?routerError, nat s:172.16.100.3>10.10.10.2, externalLeg, external, outside`,
    ],
  ])("%s", (_name, all, expected) => {
    expect(outward(all, vm1)).toBe(expected);
  });

  it("does not leave with a floating IP that is in error", () => {
    const all = changed(base, "floatingips", "fip3", { status: "ERROR" });
    expect(outward(all, vm3)).toBe(
      `${fromVm}, nat s:172.16.101.3>10.10.10.2 ?unusedFloatingIp, externalLeg, external, outside`,
    );
  });

  it("leaves with an address that one may not see", () => {
    const all = route({ external_gateway_info: { network_id: "ext_net" } });
    expect(outward(all, vm1)).toBe(`${fromVm}, nat s:172.16.100.3>@router, externalLeg, external, outside`);
  });

  it("follows a default route of the user's", () => {
    const all = route({ routes: [{ destination: "0.0.0.0/0", nexthop: "172.16.101.3" }] });
    expect(outward(all, vm1)).toBe(`${fromVm}, nat, insideLeg ?leavesInside`);
    const outside = route({ routes: [{ destination: "0.0.0.0/0", nexthop: "10.10.10.77" }] });
    expect(outward(outside, vm1)).toContain("s:172.16.100.3>10.10.10.2, externalLeg, external, outside");
  });

  it("goes on behind somebody else's router of a shared network", () => {
    const all = without(
      without(changed(base, "networks", "vlan101", { shared: true }), "ports", "leg101-aaaaaaaa"),
      "routers",
      theRouter,
    );
    expect(outward(all, vm3)).toBe(
      `${fromVm} i:foreignRouter, nat s:172.16.101.3>10.10.10.3, externalLeg, external, outside`,
    );
    expect(outward({ ...all, floatingips: [] }, vm3)).toContain("nat s:172.16.101.3>@router, externalLeg, outside");
  });
});

describe("a router that is the host itself", () => {
  const host = route({ external_gateway_info: { network_id: "ext_net", enable_snat: true, external_fixed_ips: [] } });
  it("lets them leave with the interface's address", () => {
    expect(outward(host, vm1)).toBe(`${fromVm}, nat s:172.16.100.3>@host, externalLeg, external, outside`);
    expect(outward(host, vm3)).toContain("s:172.16.101.3>10.10.10.3");
    expect(inward(host)).toBe(`${toNat}, insideLeg, network, tap, instance`);
  });
  it("has no devices of a namespace", () => {
    const cloud = indexCloud(host);
    const way = wayIn(cloud, cloud.floatingips.get("fip3")!);
    expect(way.hops.flatMap(({ devices }) => devices)).toEqual(["tapportvm3-aaa"]);
    expect(way.hops.filter(({ onHost }) => onHost).map(({ at }) => at)).toEqual(["externalLeg", "nat", "insideLeg"]);
  });
  it("turns packets back with the inside address", () => {
    expect(between(host, vm1, "fip3")).toContain("nat s:172.16.100.3>172.16.101.1 d:10.10.10.3>172.16.101.3");
  });
});

describe("from an instance to another one's floating IP", () => {
  const turned = "d:10.10.10.3>172.16.101.3, insideLeg, network, tap, instance";
  it("turns back in the router, with the gateway's address", () => {
    expect(between(base, vm1, "fip3")).toBe(`${fromVm}, nat s:172.16.100.3>10.10.10.2 ${turned}`);
  });
  it("with the sender's floating IP", () => {
    const all = added(
      base,
      "floatingips",
      floatingIp({
        id: "fip1",
        floating_ip_address: "10.10.10.4",
        port_id: vm1,
        fixed_ip_address: "172.16.100.3",
        router_id: theRouter,
      }),
    );
    expect(between(all, vm1, "fip3")).toBe(`${fromVm}, nat s:172.16.100.3>10.10.10.4 ${turned}`);
  });
  it("with the inside leg's address where SNAT is off", () => {
    const all = route({ external_gateway_info: externalGateway("10.10.10.2", false) });
    expect(between(all, vm1, "fip3")).toContain("s:172.16.100.3>172.16.101.1 d:");
  });
  it("to its own floating IP", () => {
    expect(between(base, vm3, "fip3")).toBe(`${fromVm}, nat s:172.16.101.3>10.10.10.3 ${turned}`);
  });
  it("ends where nobody answers", () => {
    expect(between(base, vm1, "fip9")).toContain(
      "nat s:172.16.100.3>10.10.10.2, externalLeg, external !notAssociated",
    );
  });

  const second = added(
    added(
      added(base, "networks", network({ id: "net2" })),
      "subnets",
      // The same addresses as behind the first router.
      subnet({ id: "sub2", network_id: "net2", cidr: "172.16.100.0/24", gateway_ip: "172.16.100.1" }),
    ),
    "routers",
    router({ id: "router2", external_gateway_info: externalGateway("10.10.10.5") }),
  );
  const two = added(
    second,
    "ports",
    leg("leg2", "router2", "net2", "sub2", "172.16.100.1"),
    port({ id: "portvm2", network_id: "net2", device_id: "vm2" }, ["sub2", "172.16.100.3"]),
  );
  it("goes over the external network to another router", () => {
    expect(between(two, "portvm2", "fip3")).toBe(
      `${fromVm}, nat s:172.16.100.3>10.10.10.5, externalLeg, external, externalLeg, nat ${turned}`,
    );
  });
  it("goes around outside between two external networks", () => {
    const far = changed(
      added(
        added(two, "networks", network({ id: "ext2", "router:external": true })),
        "subnets",
        subnet({ id: "ext2_sub", network_id: "ext2", cidr: "10.20.0.0/24", gateway_ip: "10.20.0.1" }),
      ),
      "routers",
      "router2",
      {
        external_gateway_info: {
          network_id: "ext2",
          enable_snat: true,
          external_fixed_ips: [{ subnet_id: "ext2_sub", ip_address: "10.20.0.2" }],
        },
      },
    );
    expect(between(far, "portvm2", "fip3")).toBe(
      `${fromVm}, nat s:172.16.100.3>10.20.0.2, externalLeg, external, outside, external, externalLeg, nat ${turned}`,
    );
  });
  it("ends early like any way out", () => {
    expect(between(route({ admin_state_up: false }), vm1, "fip3")).toBe(`${fromVm} !routerDown`);
  });
});

describe("the words", () => {
  const source = ["way.ts", "router.ts"]
    .map((name) => readFileSync(join(__dirname, "../src/way", name), "utf8"))
    .join();
  it("are there for every note", () => {
    for (const key of seen) expect(texts.note, key).toHaveProperty([key, "text"]);
  });
  it("are used, and every one was seen here", () => {
    for (const key of Object.keys(texts.note)) {
      expect(source, key).toContain(`"${key}"`);
      expect(seen, key).toContain(key);
    }
  });
});
