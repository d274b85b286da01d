// Networks and their subnets: made together or not at all, changed, deleted; a reader is refused and told so.
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import Networks from "../src/pages/networks";
import { refusal } from "./fake-api";
import { expectAccessible, renderPage } from "./render";
import { administrator, choose, closed, dialog, fill, press, sent, serve } from "./resource-server";
import { changed, network, referenceCloud } from "./some-cloud";

const draw = (at?: string) => renderPage(<Networks />, "networks/*", at);
const button = (name: string) => screen.findByRole("button", { name });

describe("the list", () => {
  it("shows networks with their subnets", async () => {
    serve();
    draw();
    const link = await screen.findByRole("link", { name: "vlan100" });
    expect(await screen.findByText("172.16.100.0/24")).toBeTruthy();
    expect(link.closest("tr")?.textContent).toContain("sub100");
    await expectAccessible();
  });

  it("shows an administrator the own, the shared and the external ones, and all when asked", async () => {
    const cloud = referenceCloud();
    cloud.networks = [...cloud.networks, network({ id: "strange", project_id: "p2" })];
    serve(administrator, changed(cloud, "networks", "vlan101", { project_id: "p2", shared: true }));
    const { user } = draw();
    await screen.findByRole("link", { name: "vlan101" });
    expect(screen.getByRole("link", { name: "ext_net" })).toBeTruthy();
    expect(screen.queryByRole("link", { name: "strange" })).toBeNull();
    await user.click(screen.getByRole("checkbox", { name: "All projects" }));
    expect(await screen.findByRole("link", { name: "strange" })).toBeTruthy();
  });

  it("says what to do when there are none", async () => {
    serve({}, { ...referenceCloud(), networks: [], subnets: [] });
    draw();
    expect(await screen.findByText("No networks yet")).toBeTruthy();
    await expectAccessible();
  });
});

describe("Create Network", () => {
  it("makes the network and its subnet in one dialog", async () => {
    const api = serve();
    const { user } = draw();
    await user.click(await button("Create Network"));
    await fill(user, {
      "Network Name": "web",
      "Network Address": "192.168.7.0/24",
      "Allocation Pools": "192.168.7.10,192.168.7.20\n192.168.7.30 192.168.7.40",
      "DNS Name Servers": "9.9.9.9",
      "Host Routes": "10.0.0.0/8,192.168.7.254",
    });
    await press(user, "Create Network");
    await closed();
    expect(sent(api, "POST", "/v2.0/networks")).toEqual({
      network: { name: "web", description: "", admin_state_up: true },
    });
    expect(sent(api, "POST", "/v2.0/subnets")).toEqual({
      subnet: {
        name: "",
        network_id: "new-networks-3",
        cidr: "192.168.7.0/24",
        ip_version: 4,
        enable_dhcp: true,
        allocation_pools: [
          { start: "192.168.7.10", end: "192.168.7.20" },
          { start: "192.168.7.30", end: "192.168.7.40" },
        ],
        dns_nameservers: ["9.9.9.9"],
        host_routes: [{ destination: "10.0.0.0/8", nexthop: "192.168.7.254" }],
      },
    });
    expect(await screen.findByText("web is created")).toBeTruthy();
  });

  it("is accessible", async () => {
    serve(administrator);
    const { user } = draw();
    await user.click(await button("Create Network"));
    await dialog();
    await expectAccessible();
  });

  it("makes none without the subnet that was wanted", async () => {
    const api = serve();
    api.on("POST", "/v2.0/subnets", refusal(409, "OverQuota", "Quota exceeded for resources: ['subnet']."));
    const { user } = draw();
    await user.click(await button("Create Network"));
    await fill(user, { "Network Name": "web", "Network Address": "192.168.7.0/24" });
    await press(user, "Create Network");
    const { findByText, getByLabelText } = await dialog();
    expect(await findByText(/Quota exceeded/)).toBeTruthy();
    expect(await findByText(/ask an administrator for a larger quota/)).toBeTruthy();
    expect((getByLabelText(/^Network Name/) as HTMLInputElement).value).toBe("web");
    expect(api.of("DELETE", "/v2.0/networks/new-networks-3")).toHaveLength(1);
  });

  it("says what is wrong with a field before anything is sent", async () => {
    const api = serve();
    const { user } = draw();
    await user.click(await button("Create Network"));
    await press(user, "Create Network");
    const { getByText, getByLabelText } = await dialog();
    expect(getByText("This is needed.")).toBeTruthy();
    expect(document.activeElement).toBe(getByLabelText(/^Network Address/));
    await fill(user, { "Network Address": "192.168.7.0/24", "Gateway IP": "10.0.0.1", "Host Routes": "nonsense" });
    expect(getByText("This address is not in 192.168.7.0/24.")).toBeTruthy();
    expect(getByText(/^Line 1 is no route/)).toBeTruthy();
    expect(api.of("POST")).toHaveLength(0);
    await fill(user, { "Create Subnet": false, "Network Name": "bare" });
    await press(user, "Create Network");
    await closed();
    expect(api.of("POST")).toHaveLength(1);
  });

  it("lets an administrator say what it is made of", async () => {
    const api = serve(administrator);
    const { user } = draw();
    await user.click(await button("Create Network"));
    await fill(user, { "Provider Network Type": "flat" });
    await fill(user, {
      "Network Name": "out",
      "External Network": true,
      MTU: "1400",
      "Physical Network": "physnet1",
      "Create Subnet": false,
    });
    await press(user, "Create Network");
    await closed();
    expect(sent(api, "POST", "/v2.0/networks")).toEqual({
      network: {
        name: "out",
        description: "",
        admin_state_up: true,
        shared: false,
        "router:external": true,
        mtu: 1400,
        project_id: "p1",
        "provider:network_type": "flat",
        "provider:physical_network": "physnet1",
      },
    });
  });
});

describe("the page of a network", () => {
  it("shows subnets and ports, and adds and changes subnets", async () => {
    const api = serve();
    const { user } = draw("/networks/vlan100");
    expect(await screen.findByRole("heading", { level: 1, name: "vlan100" })).toBeTruthy();
    expect(await screen.findByText("172.16.100.3")).toBeTruthy();
    await expectAccessible();
    await choose(user, "sub100", "Edit Subnet");
    await fill(user, { "Disable Gateway": true, "Enable DHCP": false });
    await press(user, "Save");
    await closed();
    expect(sent(api, "PUT", "/v2.0/subnets/sub100")).toEqual({
      subnet: { name: "sub100", gateway_ip: null, enable_dhcp: false, dns_nameservers: [], host_routes: [] },
    });
  });

  it("leads back to the list when the network is deleted, and never asks for it again", async () => {
    const api = serve();
    const { user } = draw("/networks/vlan100");
    await screen.findByText("172.16.100.3");
    await choose(user, "vlan100", "Delete Network");
    await expectAccessible();
    await press(user, "Delete Network");
    await waitFor(() => expect(screen.getByTestId("where").textContent).toBe("/networks"));
    expect(await screen.findByText("vlan100 is deleted")).toBeTruthy();
    await screen.findByRole("link", { name: "vlan101" });
    expect(screen.queryByRole("link", { name: "vlan100" })).toBeNull();
    const asked = api.asked.map(({ method, path }) => `${method} ${path}`);
    const gone = asked.indexOf("DELETE /v2.0/networks/vlan100");
    expect(asked.slice(gone)).not.toContain("GET /v2.0/networks/vlan100");
  });

  it("tells a reader who may not, and what is in the way", async () => {
    const api = serve({ roles: ["reader"] });
    api.on("PUT", "/v2.0/networks/vlan100", refusal(403, "PolicyNotAuthorized", "rule:update_network is disallowed"));
    api.on("DELETE", "/v2.0/networks/vlan100", refusal(409, "NetworkInUse", "There are ports in use."));
    const { user } = draw();
    await choose(user, "vlan100", "Edit Network");
    await press(user, "Save");
    expect(await (await dialog()).findByText("Your role does not permit this. Ask an administrator.")).toBeTruthy();
    await press(user, "Cancel");
    await choose(user, "vlan100", "Delete Network");
    await press(user, "Delete Network");
    expect(await (await dialog()).findByText(/^Delete its ports/)).toBeTruthy();
  });

  it("says when there is no such network", async () => {
    serve();
    draw("/networks/gone");
    expect(await screen.findByText("network gone could not be found.")).toBeTruthy();
  });
});
