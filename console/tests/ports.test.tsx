// Ports: made with an address of choice, changed no more than was said, plugged by a command.
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import Ports from "../src/pages/ports";
import { editedPort } from "../src/pages/ports/dialogs";
import { expectAccessible, renderPage } from "./render";
import { choose, closed, dialog, fill, press, sent, serve } from "./resource-server";
import { changed, port, referenceCloud } from "./some-cloud";

const draw = (at?: string) => renderPage(<Ports />, "ports/*", at);
const named = () => changed(referenceCloud(), "ports", "portvm1-aaaaaaaa", { name: "web 1", status: "DOWN" });

describe("the list", () => {
  it("shows what a port is for, and leaves routers' ports to the routers", async () => {
    serve({}, named());
    const { user } = draw();
    const row = (await screen.findByRole("link", { name: "web 1" })).closest("tr")!;
    expect(row.textContent).toContain("172.16.100.3");
    expect((await screen.findAllByRole("link", { name: "Router interface" }))[0]?.getAttribute("href")).toBe(
      "/routers/router_100_101",
    );
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "More actions for (leg100-aaaaaa)" }));
    expect(await screen.findByRole("menuitem", { name: "Edit Port" })).toBeTruthy();
    expect(screen.queryByRole("menuitem", { name: "Delete Port" })).toBeNull();
  });

  it("makes a port with an address, in the network that was chosen", async () => {
    const api = serve();
    const { user } = draw();
    await user.click(await screen.findByRole("button", { name: "Create Port" }));
    await (await dialog()).findByRole("option", { name: "vlan101" });
    await fill(user, { Name: "p1", Network: "vlan101", "Specify IP address or subnet": "subnet" });
    await (await dialog()).findByRole("option", { name: "sub101: 172.16.101.0/24" });
    await press(user, "Create Port");
    await closed();
    expect(sent(api, "POST", "/v2.0/ports")).toMatchObject({
      port: { name: "p1", network_id: "vlan101", fixed_ips: [{ subnet_id: "sub101" }] },
    });
    await user.click(screen.getByRole("button", { name: "Create Port" }));
    await fill(user, { Network: "vlan100", "Specify IP address or subnet": "address" });
    await fill(user, { "Fixed IP Address": "172.16.100.50", "MAC Address": "nothing" });
    await press(user, "Create Port");
    expect((await dialog()).getByText(/^This is no MAC address/)).toBeTruthy();
    await fill(user, { "MAC Address": "fa:16:3e:aa:bb:cc", "Device ID": "vm9" });
    await press(user, "Create Port");
    await closed();
    expect(sent(api, "POST", "/v2.0/ports")).toEqual({
      port: {
        name: "",
        description: "",
        admin_state_up: true,
        network_id: "vlan100",
        fixed_ips: [{ ip_address: "172.16.100.50" }],
        mac_address: "fa:16:3e:aa:bb:cc",
        device_id: "vm9",
      },
    });
  });
});

describe("the page of a port", () => {
  it("shows how it is plugged", async () => {
    serve({}, named());
    draw("/ports/portvm1-aaaaaaaa");
    const command = await screen.findByRole("textbox", { name: "A network namespace or container" });
    expect((command as HTMLInputElement).value).toBe(
      "ip netns add web-1; buoy port plug portvm1-aaaaaaaa --netns web-1",
    );
    await expectAccessible();
  });

  it("does not show that for a router's", async () => {
    serve();
    draw("/ports/leg100-aaaaaaaa");
    expect(await screen.findByText("172.16.100.1")).toBeTruthy();
    expect(screen.queryByText("Plug in an instance")).toBeNull();
  });

  it("is left by deleting it", async () => {
    serve({}, named());
    const { user } = draw("/ports/portvm1-aaaaaaaa");
    await choose(user, "web 1", "Delete Port");
    await press(user, "Delete Port");
    await waitFor(() => expect(screen.getByTestId("where").textContent).toBe("/ports"));
  });
});

describe("a changed port", () => {
  const was = port({ id: "p", network_id: "n", device_id: "vm1" }, ["s", "10.0.0.5"], ["s", "10.0.0.6"]);
  const values = { name: "a", description: "", adminState: "yes", device: "vm1", addresses: "10.0.0.5\n10.0.0.6" };

  it("says only what is new", () => {
    expect(editedPort(was, values)).toEqual({ name: "a", description: "", admin_state_up: true });
  });
  it("keeps the subnets of the addresses that stay", () => {
    expect(editedPort(was, { ...values, device: "", addresses: "10.0.0.6\n10.0.0.7" })).toMatchObject({
      device_id: "",
      fixed_ips: [{ subnet_id: "s", ip_address: "10.0.0.6" }, { ip_address: "10.0.0.7" }],
    });
  });
});
