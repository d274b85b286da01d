// The topology page: the picture, moving in it, the way of a packet beside it, the list, large clouds.
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import Topology from "../src/pages/topology";
import { standAlone } from "../src/pages/topology/export";
import { drawnAs, makeGraph, pathOf } from "../src/pages/topology/graph";
import { layOut, linePath, neighbour } from "../src/pages/topology/layout";
import { fitText } from "../src/pages/topology/shapes";
import { indexCloud, type Resources } from "../src/way/cloud";
import { wayBetween, wayIn, wayOut } from "../src/way/way";
import { FakeApi, refusal } from "./fake-api";
import { expectAccessible, renderPage } from "./render";
import { added, changed, floatingIp, network, port, referenceCloud, router, subnet, without } from "./some-cloud";

const base = referenceCloud();

function serve(all: Resources, admin = false): FakeApi {
  const api = new FakeApi({ admin });
  for (const kind of ["networks", "subnets", "ports", "routers", "floatingips"] as const) api.list(kind, all[kind]);
  return api.on("GET", "/compute/v2.1/servers/detail", { servers: all.servers });
}

const draw = (at = "/topology") => renderPage(<Topology />, "topology", at);
const picture = () => screen.findByRole("group", { name: "Topology" });
const where = () => screen.getByTestId("where").textContent;
const node = async (name: RegExp) => within(await picture()).findByRole("button", { name });

// So many instances on vlan101, each tenth with a floating IP.
function many(count: number): Resources {
  let all = base;
  for (let i = 0; i < count; i++) {
    const fixed = `172.16.101.${10 + i}`;
    all = added(
      all,
      "ports",
      port({ id: `many-${i}`, network_id: "vlan101", device_id: `web${i}` }, ["sub101", fixed]),
    );
    if (i % 10 === 0)
      all = added(
        all,
        "floatingips",
        floatingIp({
          id: `manyfip${i}`,
          floating_ip_address: `10.10.10.${20 + i / 10}`,
          port_id: `many-${i}`,
          fixed_ip_address: fixed,
          router_id: "router_100_101",
        }),
      );
  }
  return all;
}

// axe takes its time with many boxes.
vi.setConfig({ testTimeout: 30000 });
afterEach(() => vi.unstubAllGlobals());

describe("the picture", () => {
  it("shows networks, routers, instances and floating IPs, with their states in words", async () => {
    serve(changed(base, "ports", "portvm1-aaaaaaaa", { status: "DOWN" }));
    draw();
    for (const name of [
      "ext_net 10.10.10.0/24, External network, Active",
      "router_100_101 10.10.10.2, Router, Active",
      "vlan101 172.16.101.0/24, Network, Active",
      "cirros-vm1 172.16.100.3, Instance, Down",
      "10.10.10.3, Floating IP, Active",
    ])
      expect(within(await picture()).getByRole("button", { name })).toBeTruthy();
    await expectAccessible();
  });

  it("shows what goes through a floating IP just now", async () => {
    const api = serve(base);
    draw();
    await node(/^10.10.10.3,/);
    act(() => api.tell("traffic", { floatingips: { fip3: [10, 1500000, 5, 500000] } }));
    expect(await node(/^10.10.10.3 2.00 Mbit\/s, Floating IP/)).toBeTruthy();
  });

  it("is one stop of the Tab key; arrows lead on, Enter opens", async () => {
    serve(base);
    const { user } = draw();
    const all = within(await picture()).getAllByRole("button");
    expect(all.filter((one) => one.tabIndex === 0)).toHaveLength(1);
    act(() => all[0]?.focus());
    expect(document.activeElement?.getAttribute("data-key")).toBe("network:ext_net");
    await user.keyboard("{ArrowRight}");
    expect(document.activeElement?.getAttribute("data-key")).toBe("router:router_100_101");
    await user.keyboard("{ArrowLeft}{ArrowLeft}");
    expect(document.activeElement?.getAttribute("data-key")).toBe("network:ext_net");
    await user.keyboard("{ArrowRight}{Enter}");
    expect(await screen.findByRole("heading", { name: "router_100_101" })).toBe(document.activeElement);
    expect(where()).toBe("/topology?at=router%3Arouter_100_101");
  });

  it("says what is missing, and what to do", async () => {
    serve({ networks: [], subnets: [], ports: [], routers: [], floatingips: [], servers: [] });
    draw();
    expect(await screen.findByText("No networks yet")).toBeTruthy();
    await expectAccessible();
  });

  it("goes by the names of ports without a compute API, and shows a failure of the network API", async () => {
    const api = serve(changed(base, "ports", "portvm3-aaaaaaaa", { name: "vm3-eth0" }));
    api.on("GET", "/compute/v2.1/servers/detail", refusal(404, "NotFound", "Not here"));
    draw();
    expect(await node(/^vm3-eth0/)).toBeTruthy();
  });

  it("shows a failure and reads again", async () => {
    const api = serve(base).on("GET", "/v2.0/routers", refusal(500, "Fault", "Something broke"));
    const { user } = draw();
    expect(await screen.findByText("Something broke")).toBeTruthy();
    api.list("routers", base.routers);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await node(/^router_100_101/)).toBeTruthy();
    expect(screen.queryByText("Something broke")).toBeNull();
  });
});

describe("the way beside it", () => {
  it("shows a floating IP's way in, out and from another instance, along a marked path", async () => {
    serve(base);
    const { user, container } = draw();
    await user.click(await node(/^10.10.10.3,/));
    const list = () => within(screen.getByRole("list", { name: "The way of a packet" }));
    expect(list().getAllByRole("listitem")).toHaveLength(8);
    expect(list().getByText("Router router_100_101: NAT")).toBeTruthy();
    expect(list().getAllByText("172.16.101.3").length).toBeGreaterThan(1);
    expect(container.querySelectorAll(".buoy-edge-forward")).toHaveLength(3);
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "To outside" }));
    expect(container.querySelectorAll(".buoy-edge-backward")).toHaveLength(3);
    await user.click(screen.getByRole("button", { name: "From an instance" }));
    await user.selectOptions(
      screen.getByRole("combobox", { name: "From which instance" }),
      "cirros-vm1 (172.16.100.3)",
    );
    expect(list().getByText(/translated \(DNAT\), and the source too/)).toBeTruthy();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(where()).toBe("/topology");
    expect(document.activeElement?.getAttribute("data-key")).toBe("floatingip:fip3");
    expect(container.querySelector(".buoy-edge-path")).toBeNull();
  });

  it("shows where it ends, why, and what to do", async () => {
    serve(changed(base, "routers", "router_100_101", { admin_state_up: false }));
    draw("/topology?at=floatingip:fip3");
    expect(await screen.findByText(/it ends at step 3/)).toBeTruthy();
    expect(screen.getByText("The router is switched off.")).toBeTruthy();
    expect(screen.getByText("Switch it on: Routers, Edit.")).toBeTruthy();
    await expectAccessible();
  });

  it("shows the way out of an instance without a floating IP, and each address of one with several", async () => {
    const two = changed(base, "ports", "portvm3-aaaaaaaa", {
      fixed_ips: [
        { subnet_id: "sub101", ip_address: "172.16.101.3" },
        { subnet_id: "sub101", ip_address: "172.16.101.4" },
      ],
    });
    serve(two);
    const { user } = draw();
    await user.click(await node(/^cirros-vm1/));
    expect(screen.queryByRole("button", { name: "From outside" })).toBeNull();
    expect(screen.getAllByText("10.10.10.2").length).toBeGreaterThan(0);
    await user.click(await node(/^cirros-vm3/));
    expect(screen.getByRole("button", { name: "From outside" })).toBeTruthy();
    await user.selectOptions(screen.getByRole("combobox", { name: "Address" }), "172.16.101.4");
    expect(screen.queryByRole("button", { name: "From outside" })).toBeNull();
    expect(screen.getByRole("link", { name: "More about cirros-vm3" }).getAttribute("href")).toBe("/instances/vm3");
  });

  it("shows facts of routers and networks, and free floating IPs of a pool", async () => {
    serve(base);
    const { user } = draw();
    await user.click(await node(/^router_100_101/));
    expect(screen.getByText("vlan101: 172.16.101.1")).toBeTruthy();
    expect(screen.getByRole("link", { name: "More about router_100_101" }).getAttribute("href")).toBe(
      "/routers/router_100_101",
    );
    await user.click(await node(/^ext_net/));
    await user.click(screen.getByRole("button", { name: "10.10.10.9" }));
    expect(screen.getByText("The floating IP is not associated: nobody answers for it.")).toBeTruthy();
    await expectAccessible();
  });

  it("closes by Escape", async () => {
    serve(base);
    const { user } = draw();
    await user.click(await node(/^vlan100/));
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("heading", { level: 2 })).toBeNull();
    expect(document.activeElement?.getAttribute("data-key")).toBe("network:vlan100");
  });

  it("stands in a drawer on a wide screen", async () => {
    const query = { matches: true, addEventListener: () => undefined, removeEventListener: () => undefined };
    const was = window.matchMedia;
    window.matchMedia = () => query as unknown as MediaQueryList;
    serve(base);
    const { user, container } = draw();
    await user.click(await node(/^vlan100/));
    const panel = container.querySelector(".pf-v6-c-drawer__panel");
    expect(panel?.textContent).toContain("172.16.100.0/24 (172.16.100.1)");
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(where()).toBe("/topology"));
    window.matchMedia = was;
  });
});

describe("many instances", () => {
  it("are a group that opens and closes", async () => {
    serve(many(40));
    const { user } = draw();
    const group = await node(/^41 instances 5 floating IPs, Group/);
    expect(group.getAttribute("aria-expanded")).toBe("false");
    expect(within(await picture()).queryByRole("button", { name: /^web7/ })).toBeNull();
    await user.click(group);
    expect(await node(/^web7/)).toBeTruthy();
    expect(await node(/^10.10.10.21,/)).toBeTruthy();
    await expectAccessible();
    await user.click(await node(/^Close the group of 41/));
    expect(within(await picture()).queryByRole("button", { name: /^web7/ })).toBeNull();
  });

  it("are found on a path while the group is closed, and lie apart from each other when it is open", () => {
    const cloud = indexCloud(many(200));
    const closed = makeGraph(cloud, "p1", new Set());
    const way = wayIn(cloud, cloud.floatingips.get("manyfip10")!);
    const path = pathOf(closed, way);
    expect(path.nodes).toContain("group:network:vlan101");
    expect(path.edges.get("network:vlan101 group:network:vlan101")).toBe("forward");
    const open = makeGraph(cloud, "p1", new Set(["group:network:vlan101"]));
    expect(pathOf(open, way).nodes).toContain("server:web10");
    const { boxes, width, height } = layOut(open);
    const apart = [...boxes].filter(([key]) => key.startsWith("server:"));
    expect(apart).toHaveLength(202);
    for (const [i, [, a]] of apart.entries()) {
      expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height).toBe(true);
      for (const [, b] of apart.slice(i + 1))
        expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(
          true,
        );
    }
  });
});

describe("the list", () => {
  it("holds what the picture holds, members of groups too, and leads to the same details", async () => {
    serve(many(10));
    const { user } = draw();
    await picture();
    await user.click(screen.getByRole("button", { name: "List" }));
    const line = (name: string) => within(screen.getByRole("button", { name }).closest("tr")!);
    expect(line("cirros-vm1").getByText("vlan100")).toBeTruthy();
    expect(line("10.10.10.3").getByText("cirros-vm3")).toBeTruthy();
    expect(line("10.10.10.9").getByText("ext_net")).toBeTruthy();
    expect(line("web9").getByText("vlan101")).toBeTruthy();
    expect(line("router_100_101").getByText("ext_net, vlan100, vlan101")).toBeTruthy();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "cirros-vm1" }));
    expect(await screen.findByRole("heading", { name: "cirros-vm1" })).toBe(document.activeElement);
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(document.activeElement?.textContent).toBe("cirros-vm1");
  });
});

describe("what is asked of the server", () => {
  it("is the project's, and everything for administrators who want it", async () => {
    const foreign = added(base, "networks", network({ id: "theirs", project_id: "p2" }));
    const api = serve(added(foreign, "routers", router({ id: "their-router", project_id: "p2" })), true);
    const { user } = draw();
    await picture();
    expect(within(await picture()).queryByRole("button", { name: /^theirs/ })).toBeNull();
    expect(api.of("GET", "/v2.0/routers")[0]?.query.get("project_id")).toBe("p1");
    await user.click(screen.getByRole("checkbox", { name: "All projects" }));
    expect(await node(/^theirs/)).toBeTruthy();
    expect(await node(/^their-router/)).toBeTruthy();
  });
});

describe("the graph", () => {
  it("joins an instance with all its networks, and stands without what it may not see", () => {
    const all = without(
      added(
        base,
        "ports",
        port({ id: "second", network_id: "vlan100", device_id: "vm3" }, ["sub100", "172.16.100.30"]),
      ),
      "networks",
      "ext_net",
    );
    const graph = makeGraph(indexCloud(all), "p1", new Set());
    expect(graph.edges.map(({ key }) => key)).toEqual([
      "router:router_100_101 network:vlan100",
      "router:router_100_101 network:vlan101",
      "network:vlan100 server:vm1",
      "network:vlan100 server:vm3",
      "network:vlan101 server:vm3",
    ]);
    expect(layOut(graph).lines.every(({ points }) => points.every(({ x, y }) => Number.isFinite(x + y)))).toBe(true);
    expect(drawnAs(graph, "port:second")).toBe("server:vm3");
    expect(drawnAs(graph, "router:unknown")).toBeUndefined();
  });

  it("keeps tiers from left to right, also for what hangs on nothing or on the external network itself", () => {
    const all = added(
      added(base, "networks", network({ id: "alone" })),
      "ports",
      port({ id: "direct", network_id: "ext_net", device_id: "gateway-vm" }, ["ext_sub", "10.10.10.50"]),
    );
    const { boxes } = layOut(makeGraph(indexCloud(added(all, "routers", router({ id: "new" }))), "p1", new Set()));
    const x = (key: string) => boxes.get(key)?.x;
    expect(x("network:alone")).toBe(x("network:vlan100"));
    expect(x("router:new")).toBe(x("router:router_100_101"));
    expect(x("server:gateway-vm")).toBe(x("server:vm1"));
  });

  it("marks a way there and back", () => {
    const cloud = indexCloud(base);
    const graph = makeGraph(cloud, "p1", new Set());
    const vm3 = { port: cloud.ports.get("portvm3-aaaaaaaa")!, fixed: "172.16.101.3" };
    const back = pathOf(graph, wayBetween(cloud, vm3, cloud.floatingips.get("fip3")!));
    expect(back.edges.get("router:router_100_101 network:vlan101")).toBe("both");
    const out = pathOf(graph, wayOut(cloud, vm3));
    expect(out.edges.get("network:ext_net router:router_100_101")).toBe("backward");
  });

  it("has nothing to lay out for an empty cloud", () => {
    const nothing = { networks: [], subnets: [], ports: [], routers: [], floatingips: [], servers: [] };
    expect(layOut(makeGraph(indexCloud(nothing), null, new Set())).lines).toEqual([]);
    expect(linePath([])).toBe("");
    expect(neighbour(new Map(), "a", "ArrowUp")).toBeUndefined();
  });

  it("joins a router whose two subnets are on one network once", () => {
    const all = added(
      added(base, "subnets", subnet({ id: "sub101b", network_id: "vlan101", cidr: "172.16.201.0/24" })),
      "ports",
      port(
        {
          id: "leg101b",
          network_id: "vlan101",
          device_id: "router_100_101",
          device_owner: "network:router_interface",
        },
        ["sub101b", "172.16.201.1"],
      ),
    );
    const { edges } = makeGraph(indexCloud(all), "p1", new Set());
    expect(new Set(edges.map(({ key }) => key)).size).toBe(edges.length);
  });
});

describe("texts and files", () => {
  it("cuts names to what fits, wide letters too", () => {
    expect(fitText("short", 8)).toBe("short");
    expect(fitText("a-rather-long-name", 8)).toBe("a-rather…");
    expect(fitText("데이터베이스", 8)).toBe("데이터베…");
  });

  it("is saved as a file of its own", async () => {
    serve(base);
    const { user } = draw();
    const svg = (await picture()) as unknown as SVGSVGElement;
    const text = standAlone(svg, 800, 400);
    expect(text).toMatch(/^<svg /);
    expect(text).toContain("router_100_101");
    expect(text).not.toContain("class=");
    expect(text).not.toContain("tabindex");
    expect(new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror")).toBeNull();
    const make = vi.fn(() => "blob:x");
    URL.createObjectURL = make;
    URL.revokeObjectURL = () => undefined;
    HTMLAnchorElement.prototype.click = () => undefined;
    await user.click(screen.getByRole("button", { name: "Save as an SVG file" }));
    expect(make).toHaveBeenCalledOnce();
  });

  it("grows and shrinks", async () => {
    serve(base);
    const { user } = draw();
    const width = async () => Number((await picture()).getAttribute("width"));
    const first = await width();
    await user.click(screen.getByRole("button", { name: "Larger" }));
    expect(await width()).toBeGreaterThan(first);
    await user.click(screen.getByRole("button", { name: "Smaller" }));
    await user.click(screen.getByRole("button", { name: "Smaller" }));
    expect(await width()).toBeLessThan(first);
    await user.click(screen.getByRole("button", { name: "Fit" }));
    expect(await width()).toBe(first);
    fireEvent.pointerMove((await picture()).parentElement!, { pointerType: "mouse", buttons: 1 });
  });
});
