// Instances: registered, which boots nothing; led to by floating IPs.
import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import Instances from "../src/pages/instances";
import { addressesOf, isFree } from "../src/pages/instances/addresses";
import { refusal } from "./fake-api";
import { expectAccessible, renderPage } from "./render";
import { choose, closed, dialog, fill, keep, press, sent, serve } from "./resource-server";
import { floatingIp, port, referenceCloud, without } from "./some-cloud";

const server = (id: string, name: string, ...addr: string[]) => ({
  id,
  name,
  status: "ACTIVE",
  tenant_id: "p1",
  created: "2026-01-01T00:00:00Z",
  addresses: {
    net: addr.map((address) => ({
      addr: address,
      version: 4,
      "OS-EXT-IPS:type": address.startsWith("10.10.") ? "floating" : "fixed",
    })),
  },
});

function serveInstances(cloud = referenceCloud()) {
  const api = serve({}, cloud);
  const servers = [
    server("vm1", "cirros-vm1", "172.16.100.3"),
    server("vm3", "cirros-vm3", "172.16.101.3", "10.10.10.3"),
  ];
  keep(api, "servers", servers, "/compute/v2.1/servers");
  api.on("GET", "/compute/v2.1/servers/detail", () => ({ servers }));
  return api;
}
const draw = (at?: string) => renderPage(<Instances />, "instances/*", at);

describe("the list", () => {
  it("shows fixed and floating addresses", async () => {
    serveInstances();
    draw();
    const row = (await screen.findByRole("link", { name: "cirros-vm3" })).closest("tr")!;
    for (const text of ["172.16.101.3", "10.10.10.3", "Active"]) expect(within(row).getByText(text)).toBeTruthy();
    await expectAccessible();
  });

  it("registers one, and says that this boots nothing", async () => {
    const api = serveInstances();
    const { user } = draw();
    await user.click(await screen.findByRole("button", { name: "Register Instance" }));
    const { getByText, findByRole, queryByRole } = await dialog();
    expect(getByText(/^This boots nothing/)).toBeTruthy();
    await findByRole("option", { name: "vlan100" });
    expect(queryByRole("option", { name: "ext_net" })).toBeNull();
    await fill(user, { "Instance Name": "vm9", Network: "vlan101", "Fixed IP Address": "172.16.101.9" });
    await press(user, "Register Instance");
    await closed();
    expect(sent(api, "POST", "/compute/v2.1/servers")).toEqual({
      server: { name: "vm9", networks: [{ uuid: "vlan101", fixed_ip: "172.16.101.9" }] },
    });
    expect(await screen.findByText("vm9 is registered")).toBeTruthy();
  });

  it("is renamed, and forgotten", async () => {
    const api = serveInstances();
    const { user } = draw();
    await choose(user, "cirros-vm1", "Edit Instance");
    await fill(user, { "Instance Name": "web" });
    await press(user, "Save");
    await closed();
    expect(sent(api, "PUT", "/compute/v2.1/servers/vm1")).toEqual({ server: { name: "web" } });
    await choose(user, "web", "Delete Instance");
    expect((await dialog()).getByText(/The workload itself is not touched/)).toBeTruthy();
    await press(user, "Delete Instance");
    await closed();
    expect(api.of("DELETE", "/compute/v2.1/servers/vm1")).toHaveLength(1);
  });
});

describe("the page of an instance", () => {
  it("shows addresses, with the port and what leads there", async () => {
    serveInstances();
    draw("/instances/vm3");
    const row = (await screen.findByRole("link", { name: "10.10.10.3" })).closest("tr")!;
    expect(within(row).getByText("172.16.101.3")).toBeTruthy();
    expect(screen.getByText("Plug in an instance")).toBeTruthy();
    await expectAccessible();
  });

  it("leads a free floating IP there", async () => {
    const api = serveInstances();
    const { user } = draw("/instances/vm1");
    await choose(user, "172.16.100.3", "Associate Floating IP");
    await (await dialog()).findByRole("option", { name: "10.10.10.9" });
    await (await dialog()).findByRole("option", { name: "172.16.100.3" });
    await press(user, "Associate Floating IP");
    await closed();
    expect(sent(api, "PUT", "/v2.0/floatingips/fip9")).toEqual({
      floatingip: { port_id: "portvm1-aaaaaaaa", fixed_ip_address: "172.16.100.3" },
    });
    expect(await screen.findByText("10.10.10.9 leads to 172.16.100.3")).toBeTruthy();
  });

  it("takes a new one from a pool where none is free", async () => {
    const api = serveInstances(without(referenceCloud(), "floatingips", "fip9"));
    const { user } = draw("/instances/vm1");
    await user.click(await screen.findByRole("button", { name: "Associate Floating IP" }));
    await (await dialog()).findByRole("option", { name: "A new one from ext_net" });
    await (await dialog()).findByRole("option", { name: "172.16.100.3" });
    await press(user, "Associate Floating IP");
    await closed();
    expect(sent(api, "POST", "/v2.0/floatingips")).toEqual({
      floatingip: {
        floating_network_id: "ext_net",
        project_id: "p1",
        port_id: "portvm1-aaaaaaaa",
        fixed_ip_address: "172.16.100.3",
      },
    });
  });

  it("says why that does not go", async () => {
    const api = serveInstances();
    const noWay = refusal(404, "ExternalGatewayForFloatingIPNotFound", "External network is not reachable");
    api.on("PUT", "/v2.0/floatingips/{}", noWay);
    const first = draw("/instances/vm1");
    await choose(first.user, "172.16.100.3", "Associate Floating IP");
    await (await dialog()).findByRole("option", { name: "172.16.100.3" });
    await press(first.user, "Associate Floating IP");
    expect(await (await dialog()).findByText(/needs a router with a gateway/)).toBeTruthy();
    first.unmount();
    const { user } = draw("/instances/vm3");
    await user.click(await screen.findByRole("button", { name: "Associate Floating IP" }));
    expect(await (await dialog()).findByText(/no IPv4 address that is free/)).toBeTruthy();
  });

  it("disassociates", async () => {
    const api = serveInstances();
    const { user } = draw("/instances/vm3");
    await choose(user, "172.16.101.3", "Disassociate Floating IP");
    const { getAllByRole } = await dialog();
    await user.click(getAllByRole("button").find((button) => button.getAttribute("type") === "submit")!);
    await closed();
    expect(sent(api, "PUT", "/v2.0/floatingips/fip3")).toEqual({ floatingip: { port_id: null } });
  });
});

describe("addresses", () => {
  it("are joined with the floating IPs that lead to them", () => {
    const one = port({ id: "p", network_id: "n" }, ["s", "10.0.0.5"], ["s", "10.0.0.6"], ["s6", "2001:db8::5"]);
    const fip = floatingIp({ id: "f", floating_ip_address: "9.9.9.9", port_id: "p", fixed_ip_address: "10.0.0.6" });
    const found = addressesOf([one], [fip]);
    expect(found.map(({ fixed, floating }) => [fixed, floating?.id])).toEqual([
      ["10.0.0.5", undefined],
      ["10.0.0.6", "f"],
      ["2001:db8::5", undefined],
    ]);
    expect(found.map(isFree)).toEqual([true, false, false]);
  });
});
