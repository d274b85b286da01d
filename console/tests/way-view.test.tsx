// The list of hops as it is drawn, and the one of a floating IP that fetches what it needs.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";

import { PacketWay } from "../src/ui/packet-way";
import { WayView } from "../src/ui/way-view";
import { indexCloud, type Resources } from "../src/way/cloud";
import { endsOf } from "../src/way/way";
import { FakeApi, refusal } from "./fake-api";
import { expectAccessible, renderPage } from "./render";
import { added, changed, externalGateway, leg, network, port, referenceCloud, router, without } from "./some-cloud";

vi.setConfig({ testTimeout: 30000 });
afterEach(() => vi.unstubAllGlobals());

const base = referenceCloud();

function serve(all: Resources): FakeApi {
  const api = new FakeApi();
  for (const kind of ["networks", "subnets", "ports", "routers", "floatingips"] as const) api.list(kind, all[kind]);
  return api.list("servers", all.servers, "/compute/v2.1/servers");
}

const draw = (id: string) => renderPage(<PacketWay floatingIpId={id} />, "way");
const hops = async () =>
  within(await screen.findByRole("list", { name: "The way of a packet" })).getAllByRole("listitem");
const text = (element: Element | undefined) => element?.textContent ?? "";

describe("the way of a floating IP", () => {
  it("says at each hop where it is and what the packet's addresses are, before and after NAT", async () => {
    serve(base);
    draw("fip3");
    const all = await hops();
    expect(all.map((hop) => text(hop.querySelector("strong") ?? undefined))).toEqual([
      "Outside",
      "External network ext_net",
      "Router router_100_101: external leg",
      "Router router_100_101: NAT",
      "Router router_100_101: inside leg",
      "Network vlan101",
      "Port portvm3-",
      "Instance cirros-vm3",
    ]);
    expect(text(all[0])).toContain("Source any host→Destination 10.10.10.3");
    expect(text(all[3])).toContain("Before: Source any host→Destination 10.10.10.3 (changed)");
    expect(text(all[3])).toContain("After: Source any host→Destination 172.16.101.3 (changed)");
    expect(text(all[7])).toContain("Destination 172.16.101.3");
    expect(all[3]?.querySelectorAll("mark")).toHaveLength(2);
    expect(screen.getByText("The packet arrives.")).toBeTruthy();
    await expectAccessible();
  });

  it("goes the other way, too", async () => {
    serve(base);
    const { user } = draw("fip3");
    await user.click(await screen.findByRole("button", { name: "To outside" }));
    const all = await hops();
    expect(text(all[4])).toContain("After: Source 10.10.10.3 (changed)→Destination any host");
    expect(text(all.at(-1))).toContain("Outside");
  });

  it("asks only for what is around it", async () => {
    const api = serve(added(base, "networks", network({ id: "elsewhere" })));
    draw("fip3");
    await hops();
    expect(api.of("GET", "/v2.0/networks")[0]?.query.getAll("id")).toEqual(["ext_net", "vlan101"]);
    for (const { query } of api.of("GET", "/v2.0/ports")) expect([...query.keys()].length).toBeGreaterThan(1);
    expect(api.of("GET", "/compute/v2.1/servers/detail")).toHaveLength(0);
  });

  it("of one that is not associated has one direction and ends outside", async () => {
    const api = serve(base);
    draw("fip9");
    expect(text((await hops()).at(-1))).toContain("Associate it with an instance.");
    expect(screen.getByText("The packet does not arrive: it ends at step 2.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "To outside" })).toBeNull();
    expect(api.of("GET", "/v2.0/ports")).toHaveLength(0);
    await expectAccessible();
  });

  it("knows the other router of the instance's network", async () => {
    const moved = changed(base, "ports", "leg101-aaaaaaaa", {
      fixed_ips: [{ subnet_id: "sub101", ip_address: "172.16.101.2" }],
    });
    const both = added(
      added(moved, "ports", leg("other-leg", "other", "vlan101", "sub101", "172.16.101.1")),
      "routers",
      router({ id: "other", external_gateway_info: externalGateway("10.10.10.7") }),
    );
    serve(both);
    draw("fip3");
    expect(text((await hops()).at(-1))).toContain("answers by another router (other)");
    expect(screen.getByText("The packet may not arrive: see the warnings.")).toBeTruthy();
  });

  it("goes on where something belongs to somebody else", async () => {
    serve(without(without(base, "routers", "router_100_101"), "ports", "leg101-aaaaaaaa"));
    draw("fip3");
    const all = await hops();
    expect(text(all[2])).toContain("The router belongs to another project");
    expect(text(all[2]?.querySelector("strong") ?? undefined)).toBe("Router of another project: external leg");
    expect(text(all.at(-1))).toContain("Instance cirros-vm3");
  });

  it("shows a failure and reads again", async () => {
    const api = serve(base).on("GET", "/v2.0/networks", refusal(500, "Fault", "Something broke"));
    const { user } = draw("fip3");
    expect(await screen.findByText("Something broke")).toBeTruthy();
    api.list("networks", base.networks);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await hops()).toHaveLength(8);
  });

  it("says that one is gone", async () => {
    serve(base);
    draw("nothing");
    expect(await screen.findByText("floatingip nothing could not be found.")).toBeTruthy();
  });
});

describe("the directions", () => {
  const cloud = indexCloud(base);
  const ends = [...cloud.ports.values()]
    .filter(({ device_owner }) => device_owner === "compute:nova")
    .flatMap(endsOf);

  it("tell what is shown, and that nothing is", () => {
    const seen = vi.fn();
    const { unmount } = render(<WayView cloud={cloud} floatingIp={cloud.floatingips.get("fip3")} onWay={seen} />);
    expect(seen.mock.lastCall?.[0]).toMatchObject({ state: "whole" });
    expect(screen.queryByRole("button")).toBeNull();
    unmount();
    expect(seen.mock.lastCall).toEqual([null]);
  });

  it("keep what was chosen when the cloud is read anew", async () => {
    const user = userEvent.setup();
    const fip = cloud.floatingips.get("fip3");
    const view = render(<WayView cloud={cloud} floatingIp={fip} end={ends[1]} peers={ends} />);
    await user.click(screen.getByRole("button", { name: "From an instance" }));
    await user.selectOptions(screen.getByRole("combobox"), "cirros-vm3 (172.16.101.3)");
    view.rerender(<WayView cloud={indexCloud(referenceCloud())} floatingIp={fip} end={ends[1]} peers={[...ends]} />);
    expect(screen.getByRole<HTMLSelectElement>("combobox").value).toContain("portvm3");
    expect(screen.getByRole("button", { name: "From an instance" }).getAttribute("aria-pressed")).toBe("true");
  });

  it("show addresses without numbers in words", () => {
    const host = changed(base, "routers", "router_100_101", {
      external_gateway_info: { network_id: "ext_net", enable_snat: true, external_fixed_ips: [] },
    });
    render(<WayView cloud={indexCloud(host)} end={ends[0]} />);
    expect(screen.getAllByText("the host's address").length).toBeGreaterThan(0);
    expect(screen.getByText(/The router is the host itself/)).toBeTruthy();
  });

  it("name a port by its own name where it has one", () => {
    const named = added(
      base,
      "ports",
      port({ id: "x", network_id: "vlan101", name: "eth0" }, ["sub101", "172.16.101.9"]),
    );
    const all = indexCloud(named);
    const end = endsOf(all.ports.get("x")!)[0];
    render(<WayView cloud={all} end={end} />);
    expect(screen.getByText("Port eth0")).toBeTruthy();
    expect(screen.getByText("Instance eth0")).toBeTruthy();
  });
});
