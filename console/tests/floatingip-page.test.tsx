// The page of one floating IP: facts, traffic, the way of its packets, history.
import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import type { HistoryEvent, Stats } from "../src/api/types";
import FloatingIps from "../src/pages/floating-ips";
import { inWords } from "../src/pages/floating-ips/history-words";
import { refusal, type Asked } from "./fake-api";
import { serve, type Cloud } from "./floatingips-cloud";
import { expectAccessible, renderPage } from "./render";
import { changed, referenceCloud } from "./some-cloud";

const stats: Stats = {
  floatingip_id: "fip3",
  floating_ip_address: "10.10.10.3",
  in_packets: 1234,
  in_bytes: 98_700,
  out_packets: 7,
  out_bytes: 560,
  last_seen: null,
  interval: 60,
  history: [{ time: "2026-01-01T00:00:00Z", in_pps: 1, in_bps: 8000, out_pps: 1, out_bps: 800 }],
};

const event = (revision: number, more: Partial<HistoryEvent> = {}): HistoryEvent => ({
  revision,
  time: "2026-01-01T00:00:00Z",
  user_id: "u1",
  user_name: "",
  project_id: "p1",
  request_id: `req-${revision}`,
  action: "update",
  was: {},
  is: {},
  ...more,
});

function draw(at = "/floating-ips/fip3", session = {}): Cloud & ReturnType<typeof renderPage> {
  const cloud = serve(changed(referenceCloud(), "floatingips", "fip3", { description: "the shop" }), { session });
  cloud.api.on("GET", "/v2.0/floatingips/{}/stats", { stats });
  cloud.api.on("GET", "/v2.0/floatingips/{}/history", { history: [] });
  return { ...cloud, ...renderPage(<FloatingIps />, "floating-ips/*", at) };
}

describe("the page", () => {
  it("shows facts, what flows now and what has flowed", async () => {
    const { api } = draw();
    expect(await screen.findByRole("heading", { level: 1, name: "10.10.10.3" })).toBeTruthy();
    expect(await screen.findByRole("link", { name: "cirros-vm3" })).toBeTruthy();
    expect(await screen.findByRole("link", { name: "router_100_101" })).toBeTruthy();
    expect(screen.getByText("the shop")).toBeTruthy();
    expect(await screen.findByText("1,234 packets, 98.7 kB")).toBeTruthy();
    expect(screen.getByText("None seen yet")).toBeTruthy();
    act(() => api.tell("traffic", { floatingips: { fip3: [10, 2_500_000, 5, 64_000] } }));
    expect(await screen.findByText("2.50 Mbit/s")).toBeTruthy();
    await expectAccessible();
  });

  it("says what was dropped, why, and when the last packet came", async () => {
    const { api } = draw();
    const dropped = { rate_in: 1200, rate_out: 0, ttl: 1, too_big: 0, malformed: 0, later: 3 };
    const last_seen = "2026-01-01T00:00:00Z";
    api.on("GET", "/v2.0/floatingips/{}/stats", { stats: { ...stats, last_seen, dropped } });
    expect(await screen.findByRole("heading", { level: 2, name: "Dropped" })).toBeTruthy();
    for (const text of ["Rate limit, in", "1,200 packets", "Time to live", "1 packet", "later", "3 packets"])
      expect(screen.getByText(text)).toBeTruthy();
    expect(screen.getByText(/more was sent to the instance than the QoS policy/i)).toBeTruthy();
    const link = screen.getByRole("link", { name: "Explain a packet" });
    expect(link.getAttribute("href")).toBe("/floating-ips/fip3?part=explain");
    for (const text of ["Rate limit, out", "Too big", "None seen yet"]) expect(screen.queryByText(text)).toBeNull();
    await expectAccessible();
  });

  it.each([
    ["nothing is", { rate_in: 0, ttl: 0 }],
    ["the server does not say", undefined],
  ])("does not speak of drops when %s", async (_name, dropped) => {
    const { api } = draw();
    api.on("GET", "/v2.0/floatingips/{}/stats", { stats: { ...stats, ...(dropped && { dropped }) } });
    expect(await screen.findByText("1,234 packets, 98.7 kB")).toBeTruthy();
    expect(screen.queryByText("Dropped")).toBeNull();
  });

  it("keeps the rest when the numbers fail", async () => {
    const { api } = draw();
    api.on("GET", "/v2.0/floatingips/{}/stats", refusal(503, "", "No numbers now"));
    expect(await screen.findByText(/No numbers now/)).toBeTruthy();
    expect(screen.getByText("the shop")).toBeTruthy();
  });

  it("says that it is not there, and where the others are", async () => {
    draw("/floating-ips/strange");
    expect(await screen.findByText(/could not be found/)).toBeTruthy();
    expect(screen.getByRole("link", { name: "Floating IPs" }).getAttribute("href")).toBe("/floating-ips");
  });

  it("goes back to the list when it is released", async () => {
    const { user } = draw();
    await user.click(await screen.findByRole("button", { name: /More actions/ }));
    await user.click(await screen.findByRole("menuitem", { name: "Release Floating IP" }));
    const dialog = within(await screen.findByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Release Floating IP" }));
    expect(await screen.findByText("10.10.10.3 is released")).toBeTruthy();
    await waitFor(() => expect(screen.getByTestId("where").textContent).toBe("/floating-ips"));
  });

  it("shows the way of its packets, under an address of its own", async () => {
    const { user } = draw();
    await user.click(await screen.findByRole("tab", { name: "Way of its packets" }));
    expect(screen.getByTestId("where").textContent).toBe("/floating-ips/fip3?part=way");
    await waitFor(() => expect(screen.getAllByText(/172\.16\.101\.3/).length).toBeGreaterThan(0));
  });
});

describe("the history", () => {
  it("comes in pages, newest first, in words", async () => {
    const all = Array.from({ length: 60 }, (_, i) => event(60 - i, { is: { description: `text ${60 - i}` } }));
    const { api, user } = draw("/floating-ips/fip3?part=history");
    api.on("GET", "/v2.0/floatingips/{}/history", ({ query }: Asked) => {
      const from = query.has("marker")
        ? all.findIndex(({ revision }) => String(revision) === query.get("marker")) + 1
        : 0;
      const history = all.slice(from, from + Number(query.get("limit")));
      const more = from + history.length < all.length;
      const href = `http://buoy.test/history?limit=50&marker=${history.at(-1)?.revision}`;
      return { history, ...(more && { history_links: [{ rel: "next", href }] }) };
    });
    expect(await screen.findByText("Description: text 60")).toBeTruthy();
    expect(screen.queryByText("Description: text 10")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Show older" }));
    expect(await screen.findByText("Description: text 1")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Show older" })).toBeNull();
    await expectAccessible();
  });

  it("names who did it as far as one may know", async () => {
    const { api } = draw("/floating-ips/fip3?part=history");
    const history = [
      event(4, { user_name: "ann" }),
      event(3),
      event(2, { user_id: "u9" }),
      event(1, { user_id: "" }),
    ];
    api.on("GET", "/v2.0/floatingips/{}/history", { history });
    for (const who of ["ann", "cloudman", "u9", "Buoy itself"]) expect(await screen.findByText(who)).toBeTruthy();
    expect(screen.getByText("req-4")).toBeTruthy();
  });

  it("says when there is none, and what failed", async () => {
    const { api, unmount } = draw("/floating-ips/fip3?part=history");
    expect(await screen.findByText(/Nothing has happened/)).toBeTruthy();
    unmount();
    api.on("GET", "/v2.0/floatingips/{}/history", refusal(500, "", "The log is broken"));
    renderPage(<FloatingIps />, "floating-ips/*", "/floating-ips/fip3?part=history");
    expect(await screen.findByText(/The log is broken/)).toBeTruthy();
  });
});

describe("in words", () => {
  const at = { port_id: "p", fixed_ip_address: "172.16.101.3" };
  const words = (was: HistoryEvent["was"], is: HistoryEvent["is"]) => inWords({ was, is });
  it.each([
    ["allocated", null, { floating_ip_address: "10.10.10.3" }, ["allocated"]],
    ["allocated and associated", null, { floating_ip_address: "10.10.10.3", ...at }, ["allocated", "associated"]],
    ["associated", {}, at, ["associated"]],
    ["associated, the rest being null", { port_id: null, fixed_ip_address: null }, at, ["associated"]],
    ["disassociated", at, { port_id: null }, ["disassociated"]],
    ["moved to another port", at, { port_id: "q", fixed_ip_address: "172.16.101.4" }, ["moved"]],
    ["moved to another address", at, { ...at, fixed_ip_address: "172.16.101.9" }, ["moved"]],
    ["rerouted", { ...at, router_id: "a" }, { ...at, router_id: "b" }, ["rerouted"]],
    ["limited", { qos_policy_id: null }, { qos_policy_id: "slow" }, ["limited"]],
    ["limited otherwise", { qos_policy_id: "slow" }, { qos_policy_id: "fast" }, ["limited"]],
    ["not limited any more", { qos_policy_id: "slow" }, { qos_policy_id: null }, ["unlimited"]],
    ["given an end", { expires_at: null }, { expires_at: "2026-01-02T00:00:00Z" }, ["leased"]],
    ["given no end any more", { expires_at: "2026-01-02T00:00:00Z" }, {}, ["unleased"]],
    ["described and tagged", {}, { description: "x", tags: ["y"] }, ["described", "tagged"]],
    ["description and tags removed", { description: "x", tags: ["y"] }, {}, ["undescribed", "untagged"]],
    ["released", at, null, ["released"]],
    ["nothing that shows", at, at, ["touched"]],
    ["nothing at all", null, null, ["touched"]],
  ])("%s", (_name, was, is, keys) => {
    expect(words(was, is).map(({ key }) => key)).toEqual(keys);
  });
  it("with the addresses", () => {
    expect(words(at, { ...at, fixed_ip_address: "172.16.101.9" })[0]?.holes).toEqual({
      from: "172.16.101.3",
      to: "172.16.101.9",
    });
  });
});
