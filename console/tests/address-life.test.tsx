// The life of an address: undo of a release, resting addresses, leases, transfers, what nobody uses, port forwardings.
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import type { Session } from "../src/api/session";
import type { FloatingIp, Orphan, RestingAddress, Transfer } from "../src/api/types";
import FloatingIps from "../src/pages/floating-ips";
import { refusal, type Asked } from "./fake-api";
import { serve, type Cloud } from "./floatingips-cloud";
import { expectAccessible, renderPage } from "./render";
import { administrator, choose, closed, fill, keep, press, sent } from "./resource-server";
import { changed, referenceCloud } from "./some-cloud";

const standard = { project_id: "p1", description: "", tags: [], updated_at: "", revision_number: 1 };
const later = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z/, "Z");

const resting = (more: Partial<RestingAddress> = {}): RestingAddress => ({
  ...standard,
  id: "fip9",
  floating_network_id: "ext_net",
  floating_ip_address: "10.10.10.9",
  rests_until: later(600),
  reason: "",
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});

const transfer: Transfer = {
  ...standard,
  id: "offer1",
  name: "for the shop",
  floatingip_id: "fip9",
  floating_ip_address: "10.10.10.9",
  expires_at: null,
  auth_key: null,
  created_at: "2026-01-01T00:00:00Z",
};

const orphan: Orphan = {
  floatingip_id: "fip9",
  floating_ip_address: "10.10.10.9",
  floating_network_id: "ext_net",
  project_id: "p1",
  description: "forgotten",
  port_id: null,
  reason: "never_associated",
  idle_seconds: 812_345,
  last_seen_in: null,
  last_seen_out: null,
  associated_at: null,
  created_at: "2026-01-01T00:00:00Z",
  expires_at: null,
};

const all = ["buoy-quarantine", "buoy-leases", "buoy-transfer"];

interface World {
  aliases?: string[];
  session?: Partial<Session>;
  cloud?: ReturnType<typeof referenceCloud>;
  rows?: RestingAddress[];
}

function draw(at = "", { aliases = all, session = {}, cloud = referenceCloud(), rows = [] }: World = {}) {
  const world: Cloud = serve(cloud, { session });
  const { api, fips } = world;
  api.on("GET", "/v2.0/extensions", { extensions: aliases.map((alias) => ({ alias })) });
  const known = [...fips];
  const kept = [...rows];
  const fits = (row: RestingAddress, query: URLSearchParams) =>
    (!query.has("id") || query.getAll("id").includes(row.id)) &&
    (!query.has("project_id") || query.get("project_id") === row.project_id);
  keep(api, "resting_addresss", kept, "/v2.0/buoy/quarantine");
  api.on("GET", "/v2.0/buoy/quarantine", ({ query }: Asked) => ({
    resting_addresses: kept.filter((row) => fits(row, query)),
  }));
  api.on("POST", "/v2.0/buoy/quarantine", ({ body }: Asked) => body);
  api.on("PUT", "/v2.0/buoy/quarantine/{}", ({ body }: Asked) => body);
  api.on("POST", "/v2.0/buoy/quarantine/{}/take-back", (_asked: Asked, id: string) => {
    const was = kept.findIndex((row) => row.id === id);
    if (was < 0) return refusal(404, "RestingAddressNotFound", "It rests no more");
    kept.splice(was, 1);
    const found = known.find((fip) => fip.id === id)!;
    const back: FloatingIp = { ...found, port_id: null, fixed_ip_address: null, router_id: null, expires_at: null };
    fips.push(back);
    return { floatingip: back };
  });
  return { ...world, kept, ...renderPage(<FloatingIps />, "floating-ips/*", `/floating-ips${at}`) };
}

const row = async (address: string) => within((await screen.findByRole("link", { name: address })).closest("tr")!);
const now = () => within(screen.getByRole("dialog"));

describe("undo of a release", () => {
  it("takes the address back, and it leads again to where it led", async () => {
    const { api, user } = draw("", { rows: [resting({ id: "fip3", floating_ip_address: "10.10.10.3" })] });
    await row("10.10.10.3");
    await choose(user, "10.10.10.3", "Release Floating IP");
    expect(await screen.findByText(/can be taken back until then/)).toBeTruthy();
    expect(screen.queryByText(/cannot be undone/)).toBeNull();
    await press(user, "Release Floating IP");
    expect(await screen.findByText("10.10.10.3 is released")).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole("link", { name: "10.10.10.3" })).toBeNull());
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByText("10.10.10.3 is back as it was")).toBeTruthy();
    expect(sent(api, "PUT", "/v2.0/floatingips/fip3")).toEqual({
      floatingip: { port_id: "portvm3-aaaaaaaa", fixed_ip_address: "172.16.101.3" },
    });
    expect(await (await row("10.10.10.3")).findByText("172.16.101.3")).toBeTruthy();
  });

  it("is not offered where the address does not rest, and says so where the server knows no rest", async () => {
    const first = draw();
    await row("10.10.10.9");
    await choose(first.user, "10.10.10.9", "Release Floating IP");
    await press(first.user, "Release Floating IP");
    expect(await screen.findByText("10.10.10.9 is released")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
    first.unmount();
    const { api, user } = draw("", { aliases: [] });
    await row("10.10.10.9");
    await choose(user, "10.10.10.9", "Release Floating IP");
    expect(await screen.findByText(/cannot be undone/)).toBeTruthy();
    await press(user, "Release Floating IP");
    await closed();
    expect(api.of("GET", "/v2.0/buoy/quarantine")).toEqual([]);
  });

  it("says what went wrong", async () => {
    const { api, user } = draw("", { rows: [resting()] });
    await row("10.10.10.9");
    await choose(user, "10.10.10.9", "Release Floating IP");
    await press(user, "Release Floating IP");
    api.on("POST", "/v2.0/buoy/quarantine/{}/take-back", refusal(409, "OverQuota", "Quota exceeded"));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByText("Not all of this could be undone: Quota exceeded")).toBeTruthy();
  });
});

describe("the pages beside the list", () => {
  it("are there as far as the server offers them", async () => {
    const { user, unmount } = draw("", { aliases: ["buoy-quarantine"] });
    await user.click(await screen.findByRole("link", { name: "Resting addresses" }));
    expect(await screen.findByText("No address rests")).toBeTruthy();
    expect(screen.getByTestId("where").textContent).toBe("/floating-ips/resting");
    expect(screen.queryByRole("link", { name: "Transfers" })).toBeNull();
    await expectAccessible();
    unmount();
    draw("", { aliases: [] });
    await row("10.10.10.9");
    expect(screen.queryByRole("navigation")).toBeNull();
  });
});

describe("resting addresses", () => {
  it("are taken back, but not what is held", async () => {
    const held = resting({ id: "h", floating_ip_address: "10.10.10.17", rests_until: null, reason: "abuse" });
    const { kept, user } = draw("/resting", { rows: [resting({ description: "web" }), held] });
    expect(await screen.findByText("abuse")).toBeTruthy();
    expect(screen.getByText("Held, without an end")).toBeTruthy();
    expect(screen.getByText("web")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Take Back: 10.10.10.17" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Hold Address" })).toBeNull();
    expect(screen.queryByRole("button", { name: /More actions/ })).toBeNull();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Take Back: 10.10.10.9" }));
    await press(user, "Take Back");
    expect(await screen.findByText("10.10.10.9 is taken back")).toBeTruthy();
    expect(kept).toEqual([held]);
  });

  it("of all projects are seen by administrators, who hold, change and lift", async () => {
    const strange = resting({ id: "s", project_id: "p2", floating_ip_address: "10.10.10.18" });
    const { api, user } = draw("/resting", { session: administrator, rows: [resting(), strange] });
    expect(await screen.findByText("10.10.10.9")).toBeTruthy();
    expect(screen.queryByText("10.10.10.18")).toBeNull();
    await user.click(screen.getByRole("checkbox", { name: "All projects" }));
    expect(await screen.findByText("10.10.10.18")).toBeTruthy();

    await user.click(screen.getByRole("button", { name: "Hold Address" }));
    await fill(user, { "IP Address": "10.10.10.30", Reason: "abuse report 17" });
    await press(user, "Hold Address");
    expect(await screen.findByText("10.10.10.30 is held")).toBeTruthy();
    const path = "/v2.0/buoy/quarantine";
    expect(sent(api, "POST", path)).toEqual({
      resting_address: {
        floating_network_id: "ext_net",
        floating_ip_address: "10.10.10.30",
        reason: "abuse report 17",
        rests_until: null,
      },
    });

    await choose(user, "10.10.10.18", "Change End");
    await fill(user, { "End of the rest": "No end: held", Reason: "wait" });
    await press(user, "Save");
    await closed();
    expect(sent(api, "PUT", `${path}/s`)).toEqual({ resting_address: { rests_until: null, reason: "wait" } });

    await choose(user, "10.10.10.18", "End Rest");
    await press(user, "End Rest");
    expect(await screen.findByText("10.10.10.18 rests no more")).toBeTruthy();
    expect(api.of("DELETE", `${path}/s`)).toHaveLength(1);
  });
});

describe("leases", () => {
  it("are set when allocating", async () => {
    const { api, user } = draw();
    await user.click(await screen.findByRole("button", { name: "Allocate IP To Project" }));
    await fill(user, { "Released by itself": "In a day" });
    await press(user, "Allocate IP");
    await closed();
    expect(sent(api, "POST", "/v2.0/floatingips")).toMatchObject({ floatingip: { lease_seconds: 86400 } });
  });

  it("are warned about, and changed", async () => {
    const cloud = changed(referenceCloud(), "floatingips", "fip9", { expires_at: later(3600) });
    const { api, user } = draw("", { cloud });
    expect(await screen.findByText("1 floating IP ends within a day")).toBeTruthy();
    expect(screen.getByRole("columnheader", { name: "Ends" })).toBeTruthy();
    await expectAccessible();
    await choose(user, "10.10.10.9", "Change Lease");
    await fill(user, { "Released by itself": "In a week" });
    await press(user, "Save");
    await closed();
    const path = "/v2.0/floatingips/fip9";
    expect(sent(api, "PUT", path)).toEqual({ floatingip: { lease_seconds: 604800 } });
    await choose(user, "10.10.10.9", "Change Lease");
    await fill(user, { "Released by itself": "At a certain time", Time: "2001-01-01T00:00" });
    await press(user, "Save");
    expect(await screen.findByText("This time has passed.")).toBeTruthy();
    await fill(user, { Time: "2090-01-01T00:00" });
    await press(user, "Save");
    await closed();
    const expires_at = new Date("2090-01-01T00:00").toISOString().replace(".000", "");
    expect(sent(api, "PUT", path)).toEqual({ floatingip: { expires_at } });
    await choose(user, "10.10.10.9", "Change Lease");
    await fill(user, { "Released by itself": "Never" });
    await press(user, "Save");
    await closed();
    expect(sent(api, "PUT", path)).toEqual({ floatingip: { expires_at: null } });
  });

  it("are not spoken of where there are none", async () => {
    const { user } = draw("", { aliases: [] });
    await row("10.10.10.9");
    expect(screen.queryByRole("columnheader", { name: "Ends" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Allocate IP To Project" }));
    expect((await screen.findByRole("dialog")).textContent).not.toMatch(/Released by itself/);
  });
});

describe("transfers", () => {
  it("show the key once", async () => {
    const { api, user } = draw();
    api.on("POST", "/v2.0/buoy/transfers", { transfer: { ...transfer, auth_key: "secret-key" } });
    await row("10.10.10.9");
    await choose(user, "10.10.10.9", "Offer to Another Project");
    await fill(user, { "Name of the offer": "for the shop", "Offer ends": "Never" });
    await press(user, "Offer");
    expect(await screen.findByDisplayValue("secret-key")).toBeTruthy();
    expect(screen.getByDisplayValue("offer1")).toBeTruthy();
    expect(now().getByRole("button", { name: "Copy: Key" })).toBeTruthy();
    await expectAccessible();
    expect(sent(api, "POST", "/v2.0/buoy/transfers")).toEqual({
      transfer: { floatingip_id: "fip9", name: "for the shop", description: "", expires_at: null },
    });
    await press(user, "Close");
    await closed();
  });

  it("are listed, cancelled and accepted", async () => {
    const { api, user } = draw("/transfers");
    const offers = [transfer];
    keep(api, "transfers", offers, "/v2.0/buoy/transfers");
    expect(await screen.findByText("for the shop")).toBeTruthy();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Accept an Offer" }));
    await fill(user, { "ID of the offer": " offer2 ", Key: "wrong" });
    const path = "/v2.0/buoy/transfers/offer2/accept";
    api.on("POST", path, refusal(404, "TransferNotFound", "No such transfer"));
    await press(user, "Accept");
    expect(await now().findByText("No such transfer")).toBeTruthy();
    api.on("POST", path, { floatingip: { floating_ip_address: "10.10.10.44" } });
    await fill(user, { Key: "right" });
    await press(user, "Accept");
    expect(await screen.findByText("10.10.10.44 is this project's now")).toBeTruthy();
    expect(sent(api, "POST", path)).toEqual({ accept: { auth_key: "right" } });
    await user.click(screen.getByRole("button", { name: "Cancel Offer: 10.10.10.9" }));
    await press(user, "Cancel Offer");
    expect(await screen.findByText("The offer of 10.10.10.9 is cancelled")).toBeTruthy();
    expect(offers).toEqual([]);
  });

  it("are of no use for what is associated", async () => {
    const { user } = draw();
    await row("10.10.10.3");
    await user.click(screen.getByRole("button", { name: "More actions for 10.10.10.3" }));
    expect(await screen.findByRole("menuitem", { name: "Change Lease" })).toBeTruthy();
    expect(screen.queryByRole("menuitem", { name: "Offer to Another Project" })).toBeNull();
  });
});

describe("what nobody uses", () => {
  it("is shown by time and direction, with the reason, and released", async () => {
    const { api, user } = draw("/unused");
    api.on("GET", "/v2.0/buoy/orphans", { idle_seconds: 604_800, orphans: [orphan] });
    const line = await row("10.10.10.9");
    for (const text of ["forgotten", "Never associated", "9 days"]) expect(line.getByText(text)).toBeTruthy();
    await expectAccessible();
    await user.selectOptions(screen.getByRole("combobox", { name: "No packet for" }), "30d");
    await user.click(await screen.findByRole("checkbox", { name: "Count only what instances send" }));
    const asked = () => Object.fromEntries(api.of("GET", "/v2.0/buoy/orphans").at(-1)!.query);
    await waitFor(() => expect(asked()).toEqual({ idle: "30d", direction: "out", limit: "5000" }));
    await user.click(await screen.findByRole("button", { name: "Release Floating IP: 10.10.10.9" }));
    await press(user, "Release Floating IP");
    expect(await screen.findByText("10.10.10.9 is released")).toBeTruthy();
  });
});

describe("port forwardings", () => {
  const port_forwardings = [
    { id: "a", protocol: "tcp", internal_ip_address: "172.16.101.3", internal_port: 8080, external_port: 80 },
    {
      id: "b",
      protocol: "udp",
      internal_ip_address: "172.16.101.4",
      internal_port_range: "53:54",
      external_port_range: "5300:5301",
    },
  ];
  const cloud = changed(referenceCloud(), "floatingips", "fip9", { router_id: "router_100_101", port_forwardings });

  it("stand in the list; associating is not offered", async () => {
    const { user } = draw("", { cloud });
    const line = await row("10.10.10.9");
    expect(line.getByText("Port forwarding (2)")).toBeTruthy();
    expect(line.getByText("TCP 80 → 172.16.101.3:8080")).toBeTruthy();
    expect(line.getByText("UDP 5300-5301 → 172.16.101.4:53-54")).toBeTruthy();
    expect(line.queryByRole("button", { name: "Associate: 10.10.10.9" })).toBeNull();
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "Associated (2)");
    await choose(user, "10.10.10.9", "Release Floating IP");
    expect(await screen.findByText(/Its 2 forwardings are deleted/)).toBeTruthy();
  });

  it("stand on its page", async () => {
    draw("/fip9", { cloud });
    expect(await screen.findByRole("grid", { name: "Port forwardings" })).toBeTruthy();
    expect(screen.getByText("172.16.101.3:8080")).toBeTruthy();
    expect(screen.queryByText("Not associated")).toBeNull();
    expect(screen.queryByRole("button", { name: "Associate" })).toBeNull();
  });
});
