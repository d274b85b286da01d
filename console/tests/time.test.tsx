// Planning a change, looking at the past, and whose an address was.
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { setAsOf } from "../src/api/as-of";
import { planOf, write } from "../src/api/plan";
import { request } from "../src/api/client";
import AddressHistory from "../src/pages/address-history";
import { exportPath } from "../src/pages/address-history/export";
import FloatingIps from "../src/pages/floating-ips";
import Networks from "../src/pages/networks";
import { FakeApi, refusal, type Asked } from "./fake-api";
import { serve as serveFloating } from "./floatingips-cloud";
import { expectAccessible, renderPage } from "./render";
import { administrator, choose, closed, dialog, fill, press, serve } from "./resource-server";
import { referenceCloud } from "./some-cloud";

const aliases = ["buoy-plan", "buoy-time-travel", "buoy-history", "buoy-drift"];
const offer = (api: FakeApi) =>
  api.on("GET", "/v2.0/extensions", { extensions: aliases.map((alias) => ({ alias })) });

const plan = (changes: object[], kernel: object | null = null, hidden = 0) => ({
  status: 200,
  body: { plan: { revision: 1, changes, summary: { create: 0, update: changes.length, delete: 0, hidden }, kernel } },
});

afterEach(() => setAsOf(null));

// Answers what is asked with ?plan=1 with a plan, the rest as before.
function planned(api: FakeApi, method: string, path: string, answer: object, done: object = { status: 204 }) {
  api.on(method, path, ({ query }: Asked) => (query.get("plan") === "1" ? answer : done));
}

describe("What would change?", () => {
  it("plans a release, shows objects and the kernel's facts, and does nothing until it is told to", async () => {
    const { api } = serveFloating(referenceCloud());
    offer(api);
    const kernel = {
      node: "node1",
      changes: [
        { action: "remove", kind: "nat", fact: "nat 10.10.10.3 to 172.16.101.3", was: null },
        { action: "change", kind: "x", fact: "limit new", was: "limit old" },
      ],
      summary: { hidden: 2 },
      impossible: [{ resource: "router", id: "r1", name: "r1", why: "No such interface" }],
    };
    const changes = [
      { action: "delete", resource: "floatingip", id: "fip3", name: "10.10.10.3", attributes: {} },
      {
        action: "update",
        resource: "port",
        id: "p",
        name: null,
        attributes: { description: { before: "a", after: null } },
      },
    ];
    planned(api, "DELETE", "/v2.0/floatingips/{}", plan(changes, kernel, 1));
    const { user } = renderPage(<FloatingIps />, "floating-ips/*");
    await choose(user, "10.10.10.3", "Release Floating IP");
    await press(user, "What would change?");
    const { findByRole, getByText, getAllByText } = await dialog();
    const note = within(await findByRole("region", { name: "What would change" }));
    expect(note.getByText("nat 10.10.10.3 to 172.16.101.3")).toBeTruthy();
    expect(note.getByText("limit old")).toBeTruthy();
    expect(note.getByText(/In the kernel of node1/)).toBeTruthy();
    expect(note.getByText("10.10.10.3")).toBeTruthy();
    expect(note.getByText("description").closest("li")?.textContent).toBe("description: a →becomes —");
    expect(note.getByText(/others would change, too: 1/)).toBeTruthy();
    expect(note.getByText(/others would change, too: 2/)).toBeTruthy();
    expect(getByText("No such interface")).toBeTruthy();
    expect(getAllByText("is deleted")).toHaveLength(1);
    await expectAccessible();
    expect(api.of("DELETE").map(({ query }) => query.get("plan"))).toEqual(["1"]);
    await press(user, "Release Floating IP");
    await closed();
    expect(api.of("DELETE").map(({ query }) => query.get("plan"))).toEqual(["1", null]);
  });

  it("says why the server would refuse it, and forgets a plan once something else is typed", async () => {
    const api = offer(serve());
    planned(api, "POST", "/v2.0/networks", refusal(409, "OverQuota", "Quota exceeded"));
    const { user } = renderPage(<Networks />, "networks/*");
    await user.click(await screen.findByRole("button", { name: "Create Network" }));
    await fill(user, { "Network Name": "blue", "Create Subnet": false });
    await press(user, "What would change?");
    expect(await (await dialog()).findByText("Quota exceeded")).toBeTruthy();
    planned(api, "POST", "/v2.0/networks", plan([]));
    await press(user, "What would change?");
    const { findByRole, queryByRole, queryByText } = await dialog();
    await findByRole("region", { name: "What would change" });
    expect(queryByText("Quota exceeded")).toBeNull();
    await fill(user, { "Network Name": "green" });
    await waitFor(() => expect(queryByRole("region", { name: "What would change" })).toBeNull());
  });

  it("is not there where the server can not plan", async () => {
    serve();
    const { user } = renderPage(<Networks />, "networks/*");
    await user.click(await screen.findByRole("button", { name: "Create Network" }));
    const { getByRole, queryByRole } = await dialog();
    getByRole("button", { name: "Cancel" });
    expect(queryByRole("button", { name: "What would change?" })).toBeNull();
  });
});

describe("a plan of several requests", () => {
  const signal = () => new AbortController().signal;
  const made = {
    action: "create",
    resource: "port",
    id: "made-id",
    name: "",
    attributes: { name: { before: null, after: "x" } },
  };

  it("leaves out those that need what an earlier one makes", async () => {
    const api = new FakeApi();
    planned(api, "POST", "/v2.0/ports", plan([made]));
    const found = await planOf(async () => {
      const { port } = await request<{ port: { id: string; name: string } }>("POST", "/v2.0/ports", { port: {} });
      expect(port).toEqual({ id: "made-id", name: "x" });
      await request("PUT", "/v2.0/routers/r/add_router_interface", { port_id: port.id });
    }, signal());
    expect(found.later).toBe(1);
    expect(found.changes).toEqual([made]);
    expect(api.of("PUT")).toEqual([]);
  });

  it("never does what can not be planned", async () => {
    const api = new FakeApi();
    await expect(planOf(() => request("DELETE", "/identity/v3/users/u1"), signal())).rejects.toThrow(
      /can not be planned/,
    );
    expect(api.asked).toEqual([]);
  });

  it("waits for real writes, and they wait for it", async () => {
    const api = new FakeApi();
    planned(api, "DELETE", "/v2.0/ports/{}", plan([]));
    const go = api.hold();
    const real = write(async () => {
      await request("DELETE", "/v2.0/ports/a");
      await request("DELETE", "/v2.0/ports/b");
    });
    const asked = planOf(() => request("DELETE", "/v2.0/ports/c"), signal());
    const later = write(() => request("DELETE", "/v2.0/ports/d"));
    go();
    await Promise.all([real, asked, later]);
    const plans = Object.fromEntries(api.of("DELETE").map(({ path, query }) => [path.at(-1), query.get("plan")]));
    expect(plans).toEqual({ a: null, b: null, c: "1", d: null });
  });
});

describe("As of", () => {
  it("shows a page as it was, without what changes it, and leads back", async () => {
    const cloud = referenceCloud();
    const api = offer(serve({}, cloud));
    const past = { ...cloud.networks[0]!, id: "old", name: "old-net", status: null };
    api.on("GET", "/v2.0/networks", ({ query }: Asked) => ({
      networks: query.has("as_of") ? [past] : cloud.networks,
    }));
    const { user } = renderPage(<Networks />, "networks/*");
    await user.click(await screen.findByRole("button", { name: "As of …" }));
    await expectAccessible();
    await fill(user, { Time: "2026-01-02T03:04:05" });
    await press(user, "Show");
    expect(await screen.findByText(/As it was at/)).toBeTruthy();
    const row = within((await screen.findByRole("link", { name: "old-net" })).closest("tr")!);
    expect(row.getByText("Not known")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Create Network" })).toBeNull();
    expect(row.queryByRole("button")).toBeNull();
    const asked = new Date("2026-01-02T03:04:05").toISOString().replace(".000", "");
    expect(api.of("GET", "/v2.0/networks").at(-1)?.query.get("as_of")).toBe(asked);
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Back to now" }));
    expect(await screen.findByRole("link", { name: "vlan100" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Create Network" })).toBeTruthy();
  });

  it("says in words what can not be shown", async () => {
    const api = offer(serve());
    const { user } = renderPage(<Networks />, "networks/*");
    await user.click(await screen.findByRole("button", { name: "As of …" }));
    await fill(user, { Time: "2999-01-01T00:00:00" });
    await press(user, "Show");
    expect((await dialog()).getByText("This time is still to come.")).toBeTruthy();
    api.on("GET", "/v2.0/networks", ({ query }: Asked) =>
      query.has("as_of") ? refusal(410, "HistoryForgotten", "Forgotten before revision 7") : { networks: [] },
    );
    await fill(user, { Time: "2001-01-01T00:00:00" });
    await press(user, "Show");
    expect(await (await dialog()).findByText("Forgotten before revision 7")).toBeTruthy();
    expect((await dialog()).getByText(/Choose a later one/)).toBeTruthy();
    expect(screen.queryByText(/As it was at/)).toBeNull();
  });
});

const edge = (more: object) => ({
  time: "2026-01-01T00:00:00Z",
  before: null,
  revision: 5,
  user_id: "u9",
  user_name: "ann",
  project_id: "p1",
  request_id: "req-5",
  action: "PUT /v2.0/floatingips/f",
  ...more,
});
const interval = (more: object) => ({
  floating_ip_address: "10.10.10.3",
  floatingip_id: "fip3-and-more",
  floating_network_id: "ext_net",
  project_id: "p1",
  port_id: "port1",
  fixed_ip_address: "172.16.101.3",
  router_id: "r",
  device_id: "vm2",
  devices: [
    { device_id: "vm1", since: null },
    { device_id: "vm2", since: "2026-01-01T00:00:00Z" },
  ],
  start: edge({}),
  end: null,
  ...more,
});

describe("Address History", () => {
  const unknown = { user_id: null, user_name: null, request_id: null, action: null };
  const first = interval({
    port_id: null,
    device_id: null,
    devices: [],
    fixed_ip_address: null,
    start: edge({ ...unknown, time: null, revision: null, before: "2025-06-01T00:00:00Z" }),
    end: edge({ user_name: "bob", request_id: "req-4" }),
  });

  it("shows who had an address when, where it led and who changed that, page by page", async () => {
    const api = offer(new FakeApi());
    api.on("GET", "/v2.0/buoy/history", ({ query }: Asked) =>
      query.has("marker")
        ? { history: [first], horizon: { revision: 1, time: "2025-06-01T00:00:00Z" } }
        : {
            history: [interval({})],
            horizon: null,
            history_links: [{ rel: "next", href: "http://b/v2.0/buoy/history?address=10.10.10.3&marker=m1" }],
          },
    );
    const { user } = renderPage(<AddressHistory />, "address-history");
    await fill1(user, "10.10.10.3");
    const newest = within((await screen.findByText("ann")).closest("tr")!);
    for (const text of ["It is so still", "demo", "vm2", "172.16.101.3", "req-5"])
      expect(newest.getByText(text)).toBeTruthy();
    expect(newest.getByText(/vm1, vm2/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Older" }));
    const oldest = within((await screen.findByText("bob")).closest("tr")!);
    for (const text of [/^Before .*2025/, "Not associated", "req-4", "Not known any more"])
      expect(oldest.getByText(text)).toBeTruthy();
    expect(screen.getByText(/is forgotten/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Export" })).toBeNull();
    expect(screen.getByTestId("where").textContent).toBe("/address-history?address=10.10.10.3");
    await expectAccessible();
  });

  it("asks for one moment, and says when nobody had it", async () => {
    const api = offer(new FakeApi());
    api.on("GET", "/v2.0/buoy/history", { history: [], horizon: null });
    renderPage(<AddressHistory />, "address-history", "/address-history?address=10.10.10.9&at=2026-01-01T00:00:00Z");
    expect(await screen.findByText(/Nobody is known/)).toBeTruthy();
    expect(api.of("GET", "/v2.0/buoy/history")[0]?.query.get("at")).toBe("2026-01-01T00:00:00Z");
  });

  it("is exported by administrators", async () => {
    const api = offer(new FakeApi(administrator));
    api.list("projects", [], "/identity/v3/projects");
    api.on("GET", "/v2.0/buoy/history/export", refusal(503, "ServiceUnavailable", "One export runs already"));
    const save = vi.fn(() => "blob:x");
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: save, revokeObjectURL: () => undefined }));
    const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    const { user } = renderPage(<AddressHistory />, "address-history");
    await user.click(await screen.findByRole("button", { name: "Export" }));
    await expectAccessible();
    await fill(user, { From: "2026-01-01T00:00:00", Format: "jsonl" });
    await press(user, "Download");
    expect(await (await dialog()).findByText("One export runs already")).toBeTruthy();
    api.on("GET", "/v2.0/buoy/history/export", { a: 1 });
    await press(user, "Download");
    await closed();
    expect(save).toHaveBeenCalledTimes(1);
    expect(click).toHaveBeenCalledTimes(1);
    const { query } = api.of("GET", "/v2.0/buoy/history/export")[1]!;
    expect(query.get("format")).toBe("jsonl");
    expect(query.get("from")).toBe(new Date("2026-01-01T00:00:00").toISOString().replace(".000", ""));
    expect(query.has("address")).toBe(false);
    click.mockRestore();
  });

  it("names only what was filled in", () => {
    expect(exportPath({ address: " 10.0.0.1 ", format: "csv" })).toBe(
      "/v2.0/buoy/history/export?address=10.0.0.1&format=csv",
    );
  });
});

async function fill1(user: ReturnType<typeof renderPage>["user"], address: string): Promise<void> {
  await user.type(await screen.findByLabelText(/^IP Address/), address);
  await user.click(screen.getByRole("button", { name: "Show History" }));
}
