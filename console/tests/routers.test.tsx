// Routers: gateway, interfaces, static routes.
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import Routers from "../src/pages/routers";
import { freeSubnets } from "../src/pages/routers/dialogs";
import { refusal } from "./fake-api";
import { expectAccessible, renderPage } from "./render";
import { administrator, choose, closed, dialog, fill, press, sent, serve } from "./resource-server";
import { added, changed, network, referenceCloud, router, subnet } from "./some-cloud";

const draw = (at?: string) => renderPage(<Routers />, "routers/*", at);
const button = (name: string) => screen.findByRole("button", { name });
const withSecond = () => added(referenceCloud(), "routers", router({ id: "r2" }));

describe("the list", () => {
  it("shows which external network a router leads to", async () => {
    serve({}, withSecond());
    draw();
    const row = (await screen.findByRole("link", { name: "router_100_101" })).closest("tr")!;
    expect(await within(row).findByText("ext_net")).toBeTruthy();
    await expectAccessible();
  });

  it("creates one without a gateway, or with one", async () => {
    const api = serve();
    const { user } = draw();
    await user.click(await button("Create Router"));
    await fill(user, { "Router Name": "r3" });
    await press(user, "Create Router");
    await closed();
    const bare = { name: "r3", description: "", admin_state_up: true };
    expect(sent(api, "POST", "/v2.0/routers")).toEqual({ router: bare });
    await user.click(await button("Create Router"));
    await fill(user, { "Router Name": "r3", "External Network": "ext_net" });
    await press(user, "Create Router");
    await closed();
    expect(sent(api, "POST", "/v2.0/routers")).toEqual({
      router: { ...bare, external_gateway_info: { network_id: "ext_net" } },
    });
  });
});

describe("the gateway", () => {
  it("is set; SNAT is an administrator's to choose", async () => {
    const api = serve(administrator, withSecond());
    const { user } = draw("/routers/r2");
    await user.click(await button("Set Gateway"));
    await (await dialog()).findByRole("option", { name: "ext_net" });
    await fill(user, { "Enable SNAT": false, "IP Address": "10.10.10.77" });
    await expectAccessible();
    await press(user, "Set Gateway");
    await closed();
    expect(sent(api, "PUT", "/v2.0/routers/r2")).toEqual({
      router: {
        external_gateway_info: {
          network_id: "ext_net",
          enable_snat: false,
          external_fixed_ips: [{ ip_address: "10.10.10.77" }],
        },
      },
    });
  });

  it("says nothing of SNAT for others", async () => {
    const api = serve({}, withSecond());
    const { user } = draw("/routers/r2");
    await user.click(await button("Set Gateway"));
    await (await dialog()).findByRole("option", { name: "ext_net" });
    await press(user, "Set Gateway");
    await closed();
    expect(sent(api, "PUT", "/v2.0/routers/r2")).toEqual({
      router: { external_gateway_info: { network_id: "ext_net" } },
    });
    expect(await screen.findByText("The gateway of r2 is set")).toBeTruthy();
  });

  it("cannot be set without an external network, and says who makes one", async () => {
    const cloud = withSecond();
    serve({}, { ...cloud, networks: cloud.networks.filter(({ id }) => id !== "ext_net") });
    const { user } = draw("/routers/r2");
    await user.click(await button("Set Gateway"));
    const { findByText, getByRole } = await dialog();
    expect(await findByText(/An administrator makes one/)).toBeTruthy();
    expect((getByRole("button", { name: "Set Gateway" }) as HTMLButtonElement).disabled).toBe(true);
  });

  it("is cleared, unless floating IPs need it", async () => {
    const api = serve();
    const inUse = refusal(409, "RouterExternalGatewayInUseByFloatingIp", "Gateway cannot be updated");
    api.on("PUT", "/v2.0/routers/{}", inUse);
    const { user } = draw("/routers/router_100_101");
    await user.click(await button("Clear Gateway"));
    await press(user, "Clear Gateway");
    expect(await (await dialog()).findByText(/^Disassociate the floating IPs/)).toBeTruthy();
    api.on("PUT", "/v2.0/routers/{}", { router: router({ id: "router_100_101" }) });
    await press(user, "Clear Gateway");
    await closed();
    expect(sent(api, "PUT", "/v2.0/routers/router_100_101")).toEqual({ router: { external_gateway_info: null } });
  });
});

describe("interfaces", () => {
  const cloud = () => {
    const some = added(referenceCloud(), "networks", network({ id: "new" }));
    return added(some, "subnets", subnet({ id: "newsub", network_id: "new", cidr: "192.168.7.0/24" }));
  };

  it("are added by subnet, with the subnet's gateway address", async () => {
    const api = serve({}, cloud());
    api.on("PUT", "/v2.0/routers/{}/add_router_interface", {});
    const { user } = draw("/routers/router_100_101");
    await user.click(await button("Add Interface"));
    const { findAllByRole } = await dialog();
    await waitFor(async () =>
      expect((await findAllByRole("option")).map((option) => option.textContent)).toEqual([
        "new: newsub: 192.168.7.0/24",
      ]),
    );
    await press(user, "Add Interface");
    await closed();
    expect(sent(api, "PUT", "/v2.0/routers/router_100_101/add_router_interface")).toEqual({ subnet_id: "newsub" });
  });

  it("take another address by way of a port, which goes again when it does not work", async () => {
    const api = serve({}, cloud());
    api.on("PUT", "/v2.0/routers/{}/add_router_interface", refusal(400, "BadRequest", "Cidr overlaps"));
    const { user } = draw("/routers/router_100_101");
    await user.click(await button("Add Interface"));
    await (await dialog()).findByRole("option", { name: /newsub/ });
    await fill(user, { "IP Address": "192.168.7.9" });
    await press(user, "Add Interface");
    expect(await (await dialog()).findByText("Cidr overlaps")).toBeTruthy();
    expect(sent(api, "POST", "/v2.0/ports")).toEqual({
      port: { network_id: "new", fixed_ips: [{ subnet_id: "newsub", ip_address: "192.168.7.9" }] },
    });
    expect(sent(api, "PUT", "/v2.0/routers/router_100_101/add_router_interface")).toEqual({ port_id: "new-ports-4" });
    expect(api.of("DELETE", "/v2.0/ports/new-ports-4")).toHaveLength(1);
  });

  it("are deleted", async () => {
    const api = serve();
    api.on("PUT", "/v2.0/routers/{}/remove_router_interface", {});
    const { user } = draw("/routers/router_100_101");
    await choose(user, "(leg100-aaaaaa)", "Delete Interface");
    await press(user, "Delete Interface");
    await closed();
    expect(sent(api, "PUT", "/v2.0/routers/router_100_101/remove_router_interface")).toEqual({
      port_id: "leg100-aaaaaaaa",
    });
  });

  it("come from subnets that the router may have, those without a router first", () => {
    const { networks, subnets, ports } = cloud();
    const r2 = router({ id: "r2" });
    const strange = network({ id: "strange", project_id: "p2" });
    const found = freeSubnets(
      r2,
      [...subnets, subnet({ id: "s", network_id: "strange", cidr: "10.0.0.0/8" })],
      [...networks, strange],
      [],
      ports,
    );
    expect(found.map((one) => one.subnet.id)).toEqual(["newsub", "sub100", "sub101"]);
  });
});

describe("static routes", () => {
  const route = { destination: "192.168.77.0/24", nexthop: "172.16.100.9" };

  it("are added one by one", async () => {
    const api = serve();
    api.on("PUT", "/v2.0/routers/{}/add_extraroutes", {});
    const { user } = draw("/routers/router_100_101");
    await user.click(await button("Add Static Route"));
    await fill(user, { "Destination CIDR": "192.168.77.0", "Next Hop": route.nexthop });
    await press(user, "Add Static Route");
    expect((await dialog()).getByText(/^This is no prefix/)).toBeTruthy();
    await fill(user, { "Destination CIDR": route.destination });
    await press(user, "Add Static Route");
    await closed();
    expect(sent(api, "PUT", "/v2.0/routers/router_100_101/add_extraroutes")).toEqual({ router: { routes: [route] } });
  });

  it("are deleted one by one, and the focus stays on the page", async () => {
    const cloud = changed(referenceCloud(), "routers", "router_100_101", { routes: [route] });
    const api = serve({}, cloud);
    api.on("PUT", "/v2.0/routers/{}/remove_extraroutes", () => {
      api.on("GET", "/v2.0/routers/{}", { router: { ...cloud.routers[0], routes: [] } });
      return {};
    });
    const { user } = draw("/routers/router_100_101");
    await choose(user, "192.168.77.0/24 → 172.16.100.9", "Delete Static Route");
    await press(user, "Delete Static Route");
    await closed();
    expect(sent(api, "PUT", "/v2.0/routers/router_100_101/remove_extraroutes")).toEqual({
      router: { routes: [route] },
    });
    expect(await screen.findByText("No static routes")).toBeTruthy();
    await waitFor(() => expect(document.activeElement?.id).toBe("page-title"));
  });
});
