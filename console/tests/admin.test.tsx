// What administrators have: pools, nodes, projects, users; and that others, and users of a Keystone, are told so.
import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import Nodes from "../src/pages/admin-nodes";
import Pools from "../src/pages/admin-pools";
import { rangesOf, rangeSize } from "../src/pages/admin-pools/count";
import Projects from "../src/pages/admin-projects";
import { groupGrants } from "../src/pages/admin-roles/grants";
import Users from "../src/pages/admin-users";
import type { FakeApi } from "./fake-api";
import { expectAccessible, renderPage } from "./render";
import { administrator, choose, closed, dialog, fill, keep, press, sent, serve } from "./resource-server";
import { changed, referenceCloud, subnet } from "./some-cloud";

const button = (name: string) => screen.findByRole("button", { name });
const rowOf = async (name: string) => within((await screen.findByRole("link", { name })).closest("tr")!);

describe("who is no administrator", () => {
  it.each([
    ["pools", <Pools key="p" />],
    ["nodes", <Nodes key="n" />],
    ["projects", <Projects key="r" />],
    ["users", <Users key="u" />],
  ])("is told so: %s", async (name, page) => {
    const api = serve();
    renderPage(page, `admin/${name}/*`);
    expect(await screen.findByText("For administrators only")).toBeTruthy();
    expect(api.of("GET").map(({ path }) => path)).toEqual(["/console/api/session"]);
    await expectAccessible();
  });

  it.each([
    ["projects", <Projects key="r" />],
    ["users", <Users key="u" />],
  ])("learns that the external Keystone has them: %s", async (name, page) => {
    serve({ ...administrator, identity: "keystone" });
    renderPage(page, `admin/${name}/*`);
    expect(await screen.findByText("The external Keystone has these")).toBeTruthy();
  });
});

describe("pools", () => {
  const range = { start: "10.10.10.2", end: "10.10.10.254" };
  const withRange = () => changed(referenceCloud(), "subnets", "ext_sub", { allocation_pools: [range] });
  const draw = (at?: string) => renderPage(<Pools />, "admin/pools/*", at);

  it("are counted", async () => {
    serve(administrator, withRange());
    draw();
    const row = await rowOf("ext_net");
    for (const text of ["10.10.10.2", "10.10.10.254", "253", "2", "251"]) expect(row.getByText(text)).toBeTruthy();
    await expectAccessible();
  });

  it("are made of an external network and its subnet", async () => {
    const api = serve(administrator);
    const { user } = draw();
    await user.click(await button("Create Pool"));
    await fill(user, {
      "Pool Name": "second",
      "Physical Network": "physnet2",
      "Network Address": "10.20.0.0/24",
      "Allocation Pools": "10.20.0.10,10.20.0.20",
    });
    await expectAccessible();
    await press(user, "Create Pool");
    await closed();
    expect(sent(api, "POST", "/v2.0/networks")).toEqual({
      network: {
        name: "second",
        "router:external": true,
        "provider:network_type": "flat",
        "provider:physical_network": "physnet2",
      },
    });
    expect(sent(api, "POST", "/v2.0/subnets")).toMatchObject({
      subnet: {
        cidr: "10.20.0.0/24",
        enable_dhcp: false,
        allocation_pools: [{ start: "10.20.0.10", end: "10.20.0.20" }],
      },
    });
  });

  it("get and lose ranges", async () => {
    const api = serve(administrator, withRange());
    const { user } = draw("/admin/pools/ext_net");
    expect(await screen.findByRole("link", { name: "10.10.10.9" })).toBeTruthy();
    await expectAccessible();
    await user.click(await button("Add Range"));
    await fill(user, { "First Address": "10.10.10.255" });
    await press(user, "Add Range");
    await closed();
    const added = { start: "10.10.10.255", end: "10.10.10.255" };
    expect(sent(api, "PUT", "/v2.0/subnets/ext_sub")).toEqual({ subnet: { allocation_pools: [range, added] } });
    await user.click(await button("Add Range"));
    await fill(user, { Subnet: "" });
    await fill(user, {
      "Network Address": "10.30.0.0/24",
      "First Address": "10.30.0.5",
      "Last Address": "10.30.0.9",
    });
    await press(user, "Add Range");
    await closed();
    expect(sent(api, "POST", "/v2.0/subnets")).toMatchObject({
      subnet: {
        network_id: "ext_net",
        cidr: "10.30.0.0/24",
        allocation_pools: [{ start: "10.30.0.5", end: "10.30.0.9" }],
      },
    });
    await choose(user, "10.10.10.255", "Delete Range");
    await press(user, "Delete Range");
    await closed();
    expect(sent(api, "PUT", "/v2.0/subnets/ext_sub")).toEqual({ subnet: { allocation_pools: [range] } });
    await choose(user, "10.10.10.2 – 10.10.10.254", "Delete Range");
    await press(user, "Delete Range");
    await closed();
    expect(api.of("DELETE", "/v2.0/subnets/ext_sub")).toHaveLength(1);
  });

  it("are counted by range, whatever stands beside it", () => {
    const pools = [
      { start: "10.0.0.2", end: "10.0.0.9" },
      { start: "10.0.0.20", end: "10.0.0.20" },
    ];
    const four = subnet({ id: "a", network_id: "n", cidr: "10.0.0.0/24", allocation_pools: pools });
    const six = subnet({
      id: "b",
      network_id: "n",
      cidr: "2001:db8::/64",
      allocation_pools: [{ start: "2001:db8::2", end: "2001:db8::ffff:ffff:ffff:ffff" }],
    });
    const taken = ["10.0.0.1", "10.0.0.2", "10.0.0.9", "10.0.0.10", "10.0.0.20", "2001:db8::3"];
    const found = rangesOf([four, six], taken);
    expect(found.map(({ total, used }) => [total, used])).toEqual([
      [8n, 2],
      [1n, 1],
      [2n ** 64n - 2n, 1],
    ]);
    expect(rangeSize({ start: "10.0.0.9", end: "10.0.0.2" })).toBe(0n);
  });
});

describe("nodes", () => {
  const agent = (id: string, alive: boolean, applied: number, failures: object[]) => ({
    id,
    agent_type: "L3 agent",
    host: id,
    alive,
    admin_state_up: true,
    heartbeat_timestamp: "2026-11-22 04:17:39",
    started_at: "2026-11-22 04:00:00",
    configurations: { revision: 14, applied_revision: applied, routers: 1, floating_ips: 2, failures },
  });
  const failure = { id: "r1", fact: "address 10.10.10.3/32", why: "another machine has this address" };
  const agents = [agent("node1", true, 14, []), agent("node2", false, 11, [failure])];

  it("tell what they have applied and what failed", async () => {
    serve(administrator).list("agents", agents);
    renderPage(<Nodes />, "admin/nodes/*");
    const good = await rowOf("node1");
    for (const text of ["Alive", "14: up to date", "0"]) expect(good.getByText(text)).toBeTruthy();
    const bad = await rowOf("node2");
    for (const text of ["Does not answer", "11 of 14", "1"]) expect(bad.getByText(text)).toBeTruthy();
    await expectAccessible();
  });

  it("say why", async () => {
    serve(administrator).list("agents", agents);
    renderPage(<Nodes />, "admin/nodes/*", "/admin/nodes/node2");
    expect(await screen.findByText("another machine has this address")).toBeTruthy();
    await expectAccessible();
  });
});

const roles = ["admin", "member", "reader"].map((name) => ({ id: `r-${name}`, name }));
const demo = { id: "p1", name: "demo", description: "", enabled: true, domain_id: "default" };
const ann = { id: "u-ann", name: "ann", enabled: true, domain_id: "default" };
const bob = { id: "u-bob", name: "bob", enabled: true, domain_id: "default" };
const assigned = (role: string) => ({
  user: { id: ann.id, name: ann.name },
  role: { id: `r-${role}`, name: role },
  scope: { project: { id: demo.id, name: demo.name } },
});

function servePeople(): FakeApi {
  const api = serve(administrator);
  keep(api, "projects", [{ ...demo }], "/identity/v3/projects");
  keep(api, "users", [{ ...ann }, { ...bob }], "/identity/v3/users");
  api.list("roles", roles, "/identity/v3/roles");
  api.on("GET", "/identity/v3/role_assignments", { role_assignments: [assigned("member"), assigned("reader")] });
  for (const method of ["PUT", "DELETE"])
    api.on(method, "/identity/v3/projects/{}/users/{}/roles/{}", () => ({ status: 204 }));
  const counted = (limit: number) => ({ used: 1, limit, reserved: 0 });
  api.on("GET", "/v2.0/quotas/{}/details", {
    quota: {
      network: counted(10),
      subnet: counted(10),
      port: counted(-1),
      router: counted(1),
      floatingip: counted(50),
    },
  });
  return api;
}

describe("projects", () => {
  const draw = (at?: string) => renderPage(<Projects />, "admin/projects/*", at);

  it("are made, changed, disabled and deleted", async () => {
    const api = servePeople();
    const { user } = draw();
    await screen.findByRole("link", { name: "demo" });
    await expectAccessible();
    await user.click(await button("Create Project"));
    await fill(user, { Name: "green", Description: "for the web" });
    await press(user, "Create Project");
    await closed();
    expect(sent(api, "POST", "/identity/v3/projects")).toEqual({
      project: { name: "green", description: "for the web" },
    });
    await choose(user, "green", "Disable Project");
    await press(user, "Disable Project");
    await closed();
    expect(sent(api, "PATCH", "/identity/v3/projects/new-projects-1")).toEqual({ project: { enabled: false } });
    await choose(user, "green", "Delete Project");
    await press(user, "Delete Project");
    await closed();
    expect(screen.queryByRole("link", { name: "green" })).toBeNull();
  });

  it("have members, whose roles are changed one by one", async () => {
    const api = servePeople();
    const { user } = draw("/admin/projects/p1");
    expect((await rowOf("ann")).getByText("member, reader")).toBeTruthy();
    await expectAccessible();
    await choose(user, "ann", "Change Roles");
    await (await dialog()).findByLabelText("admin");
    await fill(user, { admin: true, reader: false });
    await press(user, "Save");
    await closed();
    const path = "/identity/v3/projects/p1/users/u-ann/roles";
    expect(api.of("PUT", `${path}/r-admin`)).toHaveLength(1);
    expect(api.of("DELETE", `${path}/r-reader`)).toHaveLength(1);
    expect(api.of("PUT", `${path}/r-member`)).toHaveLength(0);
  });

  it("get members, with a role", async () => {
    const api = servePeople();
    const { user } = draw("/admin/projects/p1");
    await rowOf("ann");
    await user.click(await button("Add Member"));
    const { findByRole, findByLabelText, queryByRole, findByText } = await dialog();
    await findByRole("option", { name: "bob" });
    expect(queryByRole("option", { name: "ann" })).toBeNull();
    await findByLabelText("member");
    await fill(user, { member: false });
    await press(user, "Add Member");
    expect(await findByText("Choose one role at least.")).toBeTruthy();
    await fill(user, { reader: true });
    await press(user, "Add Member");
    await closed();
    expect(api.of("PUT", "/identity/v3/projects/p1/users/u-bob/roles/r-reader")).toHaveLength(1);
  });

  it("have quotas", async () => {
    const api = servePeople();
    api.on("PUT", "/v2.0/quotas/{}", {});
    const { user } = draw("/admin/projects/p1");
    expect(await screen.findByText("1 of 50 used")).toBeTruthy();
    expect(screen.getByText("1 used, no limit")).toBeTruthy();
    await user.click(await button("Modify Quotas"));
    await fill(user, { Routers: "-1", Ports: "100" });
    await press(user, "Save");
    await closed();
    expect(sent(api, "PUT", "/v2.0/quotas/p1")).toEqual({
      quota: { floatingip: 50, network: 10, subnet: 10, port: 100, router: -1 },
    });
  });
});

describe("users", () => {
  const draw = (at?: string) => renderPage(<Users />, "admin/users/*", at);

  it("are made with a password said twice and a role in a project", async () => {
    const api = servePeople();
    const { user } = draw();
    await screen.findByRole("link", { name: "ann" });
    await expectAccessible();
    await user.click(await button("Create User"));
    await (await dialog()).findByRole("option", { name: "demo" });
    await fill(user, { "User Name": "eve", Password: "one", "Confirm Password": "two", "Primary Project": "p1" });
    await press(user, "Create User");
    expect((await dialog()).getByText("The two are not the same.")).toBeTruthy();
    await fill(user, { "Confirm Password": "one" });
    await press(user, "Create User");
    await closed();
    expect(sent(api, "POST", "/identity/v3/users")).toEqual({
      user: { name: "eve", email: null, description: "", password: "one", default_project_id: "p1" },
    });
    expect(api.of("PUT", "/identity/v3/projects/p1/users/new-users-2/roles/r-member")).toHaveLength(1);
  });

  it("get another password, and lose a project", async () => {
    const api = servePeople();
    const { user } = draw("/admin/users/u-ann");
    expect((await rowOf("demo")).getByText("member, reader")).toBeTruthy();
    await expectAccessible();
    await choose(user, "ann", "Change Password");
    await fill(user, { Password: "new", "Confirm Password": "new" });
    await press(user, "Change Password");
    await closed();
    expect(sent(api, "PATCH", "/identity/v3/users/u-ann")).toEqual({ user: { password: "new" } });
    await choose(user, "demo", "Remove");
    await press(user, "Remove");
    await closed();
    expect(api.of("DELETE").map(({ path }) => path.split("/").at(-1))).toEqual(["r-member", "r-reader"]);
  });
});

describe("role assignments", () => {
  it("are put together; those on a domain belong to no project", () => {
    const domain = { ...assigned("admin"), scope: { domain: { id: "default", name: "Default" } } };
    const [grant, ...others] = groupGrants([assigned("member"), domain, assigned("reader")]);
    expect(grant?.roles.map(({ name }) => name)).toEqual(["member", "reader"]);
    expect(others).toEqual([]);
  });
});
