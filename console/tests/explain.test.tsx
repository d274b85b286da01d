// The tab "Explain a packet": the question, the node's answer, packets as they come, and a node that can not say.
import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import type { Explanation } from "../src/api/types";
import FloatingIps from "../src/pages/floating-ips";
import { refusal } from "./fake-api";
import { serve } from "./floatingips-cloud";
import { expectAccessible, renderPage } from "./render";
import { sent } from "./resource-server";
import { referenceCloud } from "./some-cloud";

const path = "/v2.0/floatingips/fip3/explain";
const packetsPath = "/v2.0/floatingips/fip3/packets";

const forwarded: Explanation = {
  verdict: "forward",
  summary: "cirros-vm3 gets it.",
  steps: [
    { what: "The address is a floating IP", ok: true, advice: null },
    { what: "The rate limit has no room", ok: false, advice: "Raise the limit" },
  ],
  packet: {
    before: {
      source: "198.51.100.9",
      target: "10.10.10.3",
      protocol: "tcp",
      ttl: 64,
      source_mac: null,
      df: true,
      tos_bits: 4,
    },
    after: {
      source: "198.51.100.9",
      target: "172.16.101.3",
      protocol: "tcp",
      ttl: 63,
      source_mac: null,
      df: true,
      tos_bits: 4,
    },
  },
  generation: 12,
  datapath: "bpf",
};

function draw() {
  const { api } = serve(referenceCloud());
  api.on("POST", "/v2.0/floatingips/{}/explain", { explanation: forwarded });
  return { api, ...renderPage(<FloatingIps />, "floating-ips/*", "/floating-ips/fip3?part=explain") };
}
type User = ReturnType<typeof draw>["user"];

async function fill(user: User, texts: Record<string, string>): Promise<void> {
  for (const [label, text] of Object.entries(texts)) {
    const field = await screen.findByLabelText(new RegExp(`^${label}`));
    if (field instanceof HTMLSelectElement) await user.selectOptions(field, text);
    else await user.type(field, text);
  }
}
const ask = async (user: User) => user.click(await screen.findByRole("button", { name: "Explain" }));
const table = (name: string) => screen.findByRole("grid", { name });
const rows = (element: HTMLElement) =>
  within(element)
    .getAllByRole("row")
    .map((row) => row.textContent);

describe("the question", () => {
  it("asks about a packet from outside, and shows verdict, steps and both packets", async () => {
    const { api, user } = draw();
    await fill(user, { "From address": "198.51.100.9", "Target port": "443" });
    await ask(user);
    expect(await screen.findByRole("heading", { name: /Gets through/ })).toBeTruthy();
    expect(sent(api, "POST", path)).toEqual({
      explain: { direction: "in", address: "198.51.100.9", protocol: "tcp", port: 443 },
    });
    expect(screen.getByText("cirros-vm3 gets it.")).toBeTruthy();
    const steps = within(screen.getByRole("list", { name: "Steps" })).getAllByRole("listitem");
    expect(steps.map(({ textContent }) => textContent)).toEqual([
      "Good: The address is a floating IP",
      "Not good: The rate limit has no roomRaise the limit",
    ]);
    expect(rows(await table("Before"))).toEqual([
      "Source198.51.100.9",
      "Target10.10.10.3 (changed)",
      "Protocoltcp",
      "Time to live64 (changed)",
      "Do not fragmentYes",
      "tos bits4",
    ]);
    expect(rows(await table("After"))[1]).toBe("Target172.16.101.3 (changed)");
    expect(screen.getByText("Data path bpf. Generation 12 of the rules.")).toBeTruthy();
    await expectAccessible();
  });

  it("asks about one to outside, without a port for ICMP, with what is optional", async () => {
    const { api, user } = draw();
    api.on("POST", path, {
      explanation: { ...forwarded, verdict: "drop", packet: { ...forwarded.packet, after: null } },
    });
    await fill(user, { Direction: "To outside" });
    await fill(user, { "To address": "203.0.113.7", Protocol: "ICMP", Length: "1500", "Time to live": "1" });
    expect(screen.queryByLabelText(/^Target port/)).toBeNull();
    await ask(user);
    expect(await screen.findByRole("heading", { name: /Dropped/ })).toBeTruthy();
    expect(sent(api, "POST", path)).toEqual({
      explain: { direction: "out", address: "203.0.113.7", protocol: "icmp", length: 1500, ttl: 1 },
    });
    expect(screen.getByText("No packet leaves the node.")).toBeTruthy();
    expect(screen.queryByRole("grid", { name: "After" })).toBeNull();
  });

  it("is not sent while something in it is wrong", async () => {
    const { api, user } = draw();
    await fill(user, { "From address": "fe80::1", "Target port": "70000", "Time to live": "0" });
    await ask(user);
    expect(screen.getByText("This is no IPv4 address, such as 10.10.10.3.")).toBeTruthy();
    expect(screen.getByText("A number from 1 to 65535.")).toBeTruthy();
    expect(screen.getByText("A number from 1 to 255.")).toBeTruthy();
    expect(api.of("POST")).toHaveLength(0);
    await expectAccessible();
  });

  it("shows a verdict that it does not know by the server's word", async () => {
    const { api, user } = draw();
    api.on("POST", path, { explanation: { ...forwarded, verdict: "reflect", generation: null, datapath: null } });
    await fill(user, { "From address": "198.51.100.9", "Target port": "443" });
    await ask(user);
    expect(await screen.findByRole("heading", { name: /reflect/ })).toBeTruthy();
    expect(screen.queryByText(/Data path/)).toBeNull();
  });

  it.each([
    [404, /too old to explain packets/],
    [501, /data path of its node can not say that/],
    [504, /node does not answer in time/],
    [503, /Buoy is busy/],
  ])("says what a refusal with %i means, and takes the old answer away", async (status, words) => {
    const { api, user } = draw();
    await fill(user, { "From address": "198.51.100.9", "Target port": "443" });
    await ask(user);
    await screen.findByRole("heading", { name: /Gets through/ });
    api.on("POST", path, refusal(status, "", "No explanation"));
    await ask(user);
    expect(await screen.findByText(words)).toBeTruthy();
    expect(screen.getByText(/No explanation/)).toBeTruthy();
    expect(screen.queryByRole("heading", { name: /Gets through/ })).toBeNull();
  });
});

describe("packets", () => {
  const packet = (n: number, more = {}) => ({
    time: "2026-01-01T00:00:00.123Z",
    direction: "in",
    verdict: "forward",
    reason: null,
    summary: `packet ${n}`,
    packet: { source: "198.51.100.9", source_port: 40000, target: "10.10.10.3", port: 443, protocol: "tcp" },
    ...more,
  });
  const start = async (user: User) => user.click(await screen.findByRole("button", { name: "Watch packets" }));
  const listens = (api: ReturnType<typeof draw>["api"], count: number) =>
    waitFor(() => expect(api.listeners(packetsPath)).toBe(count));

  it("show up as they come, the newest first, fifty of them", async () => {
    const { api, user } = draw();
    api.stream(packetsPath);
    await start(user);
    expect(await screen.findByText(/Watching\. A sample of the packets of 10\.10\.10\.3/)).toBeTruthy();
    act(() => api.tell("packet", packet(0, { verdict: "drop", reason: "rate_in" }), packetsPath));
    const first = within(await screen.findByRole("grid", { name: "Packets as they come" }));
    expect(await first.findByText("packet 0")).toBeTruthy();
    for (const text of ["Dropped", "Rate limit, in", "In", "198.51.100.9:40000 → 10.10.10.3:443 tcp"])
      expect(first.getByText(text)).toBeTruthy();
    await expectAccessible();
    act(() => {
      for (let n = 1; n <= 60; n++) api.tell("packet", packet(n), packetsPath);
    });
    expect(await first.findByText("packet 60")).toBeTruthy();
    const shown = first.getAllByRole("row").slice(1);
    expect(shown).toHaveLength(50);
    expect(shown[0]?.textContent).toContain("packet 60");
    expect(shown[49]?.textContent).toContain("packet 11");
  });

  it("are watched until one stops, or leaves", async () => {
    const { api, user } = draw();
    api.stream(packetsPath);
    await start(user);
    await listens(api, 1);
    await user.click(screen.getByRole("button", { name: "Stop" }));
    await listens(api, 0);
    await start(user);
    await listens(api, 1);
    await user.click(screen.getByRole("tab", { name: "Summary" }));
    await listens(api, 0);
  });

  it("say when the server has ended it", async () => {
    const { api, user } = draw();
    api.stream(packetsPath);
    await start(user);
    await listens(api, 1);
    act(() => api.tell("bye", { reason: "shutdown" }, packetsPath));
    act(() => api.hangUp(packetsPath));
    expect(await screen.findByText(/Buoy has ended the watch/)).toBeTruthy();
    expect(screen.queryByRole("grid", { name: "Packets as they come" })).toBeNull();
    expect(screen.getByRole("button", { name: "Watch packets" })).toBeTruthy();
  });

  it.each([
    [refusal(404, "", "Not here"), /too old to explain packets/],
    [refusal(501, "", "Not with this data path"), /data path of its node can not say that/],
    [refusal(504, "", "No answer"), /node does not answer in time/],
    [new Error("offline"), /Buoy does not answer/],
  ])("say why there are none: %s", async (answer, words) => {
    const { api, user } = draw();
    api.on("GET", packetsPath, () => answer);
    await start(user);
    expect(await screen.findByText(words)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Watch packets" })).toBeTruthy();
  });
});
