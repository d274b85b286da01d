// The list of floating IPs and what is done there: allocate, associate, disassociate, describe, release.
import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import FloatingIps from "../src/pages/floating-ips";
import { refusal } from "./fake-api";
import { serve } from "./floatingips-cloud";
import { expectAccessible, renderPage } from "./render";
import { added, changed, floatingIp, network, port, referenceCloud, subnet } from "./some-cloud";

const draw = () => renderPage(<FloatingIps />, "floating-ips/*");
const row = async (address: string) => (await screen.findByRole("link", { name: address })).closest("tr")!;
const dialog = () => screen.findByRole("dialog");

describe("the list", () => {
  it("shows address, instance, pool, status and the fitting action", async () => {
    serve(changed(referenceCloud(), "floatingips", "fip9", { description: "spare", tags: ["web"] }));
    draw();
    const associated = within(await row("10.10.10.3"));
    expect(await associated.findByRole("link", { name: "cirros-vm3" })).toBeTruthy();
    for (const text of ["172.16.101.3", "ext_net", "Active"]) expect(associated.getByText(text)).toBeTruthy();
    expect(associated.getByRole("button", { name: "Disassociate: 10.10.10.3" })).toBeTruthy();
    const free = within(await row("10.10.10.9"));
    expect(free.getByText(/spare/)).toBeTruthy();
    expect(free.getByText("web")).toBeTruthy();
    expect(free.getByRole("button", { name: "Associate: 10.10.10.9" })).toBeTruthy();
    await expectAccessible();
  });

  it("goes by the names of ports where there is no compute API", async () => {
    const { api } = serve(changed(referenceCloud(), "ports", "portvm3-aaaaaaaa", { name: "vm3-eth0" }));
    api.on("GET", "/compute/v2.1/servers/detail", refusal(404, "NotFound", "Not here"));
    draw();
    expect(within(await row("10.10.10.3")).getByText(/vm3-eth0/)).toBeTruthy();
  });

  it("is filtered by text over all columns, by pool and by state", async () => {
    const cloud = added(
      added(referenceCloud(), "networks", network({ id: "nova", "router:external": true })),
      "floatingips",
      floatingIp({ id: "bad", floating_ip_address: "10.200.3.1", floating_network_id: "nova", status: "ERROR" }),
    );
    serve(cloud);
    const { user } = draw();
    await row("10.200.3.1");
    const shown = () => screen.getAllByRole("row").length - 1;
    await user.selectOptions(screen.getByRole("combobox", { name: "Pool" }), "nova");
    await waitFor(() => expect(shown()).toBe(1));
    await user.selectOptions(screen.getByRole("combobox", { name: "Pool" }), "All pools");
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "Free (2)");
    await waitFor(() => expect(shown()).toBe(2));
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "Error (1)");
    await waitFor(() => expect(shown()).toBe(1));
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "All states");
    await user.type(screen.getByRole("textbox", { name: "Filter" }), "cirros-vm3");
    await waitFor(() => expect(shown()).toBe(1));
    expect(screen.getByRole("link", { name: "10.10.10.3" })).toBeTruthy();
  });

  it("opens with the state that the address asks for", async () => {
    serve(referenceCloud());
    renderPage(<FloatingIps />, "floating-ips/*", "/floating-ips?state=free");
    await row("10.10.10.9");
    expect(screen.queryByRole("link", { name: "10.10.10.3" })).toBeNull();
  });

  it("says what to do when there are none, and what went wrong", async () => {
    const { api, fips } = serve(referenceCloud());
    fips.length = 0;
    const first = draw();
    expect(await screen.findByText("No floating IPs yet")).toBeTruthy();
    first.unmount();
    api.on("GET", "/v2.0/floatingips", refusal(503, "", "The database is away"));
    const { user } = draw();
    expect(await screen.findByText(/The database is away/)).toBeTruthy();
    api.list("floatingips", [floatingIp({ id: "f", floating_ip_address: "10.10.10.7" })]);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await row("10.10.10.7");
  });

  it("shows rates as they come", async () => {
    const { api } = serve(referenceCloud());
    draw();
    const line = within(await row("10.10.10.3"));
    act(() => api.tell("traffic", { floatingips: { fip3: [10, 1_500_000, 5, 64_000] } }));
    expect(await line.findByText(/1\.50 Mbit\/s/)).toBeTruthy();
    act(() => api.tell("traffic", { floatingips: {} }));
    await waitFor(() => expect(line.queryByText(/Mbit/)).toBeNull());
  });
});

describe("Allocate IP To Project", () => {
  it("allocates from the pool, with description, and counts the quota before and after", async () => {
    const { api } = serve(referenceCloud(), { limit: 5 });
    const { user } = draw();
    await row("10.10.10.9");
    await user.click(screen.getByRole("button", { name: "Allocate IP To Project" }));
    const form = within(await dialog());
    expect(await form.findByText("2 of 5 used, 3 after this")).toBeTruthy();
    await form.findByRole("radio", { name: /cirros-vm1/ });
    await expectAccessible();
    await user.type(form.getByRole("textbox", { name: "Description" }), "for the shop");
    await user.click(form.getByRole("button", { name: "Allocate IP" }));
    expect(await screen.findByText("10.10.10.4 is allocated")).toBeTruthy();
    expect(api.of("POST")[0]?.body).toEqual({
      floatingip: { floating_network_id: "ext_net", project_id: "p1", description: "for the shop" },
    });
    await row("10.10.10.4");
  });

  it("associates at once: three clicks", async () => {
    const { api } = serve(referenceCloud());
    const { user } = draw();
    await user.click(await screen.findByRole("button", { name: "Allocate IP To Project" }));
    await user.click(await screen.findByRole("radio", { name: /cirros-vm1/ }));
    await user.click(screen.getByRole("button", { name: "Allocate IP" }));
    expect(await screen.findByText("10.10.10.4 is allocated and leads to cirros-vm1")).toBeTruthy();
    expect(api.of("POST")[0]?.body).toMatchObject({
      floatingip: { port_id: "portvm1-aaaaaaaa", fixed_ip_address: "172.16.100.3" },
    });
  });

  it("takes an IPv4 address only, and shows the server's refusal beside what was typed", async () => {
    const { api } = serve(referenceCloud());
    api.on("POST", "/v2.0/floatingips", refusal(403, "PolicyNotAuthorized", "rule:create_floatingip is disallowed"));
    const { user } = draw();
    await user.click(await screen.findByRole("button", { name: "Allocate IP To Project" }));
    const form = within(await dialog());
    const address = await form.findByRole("textbox", { name: "IP Address (optional)" });
    await user.type(address, "fe80::1");
    await user.click(form.getByRole("button", { name: "Allocate IP" }));
    expect(form.getByText(/no IPv4 address/)).toBeTruthy();
    expect(api.of("POST")).toHaveLength(0);
    await user.clear(address);
    await user.type(address, "10.10.10.77");
    await user.click(form.getByRole("button", { name: "Allocate IP" }));
    expect(await form.findByText(/create_floatingip is disallowed/)).toBeTruthy();
    expect(form.getByText(/Ask an administrator/)).toBeTruthy();
    expect(address).toHaveProperty("value", "10.10.10.77");
  });

  it("explains a quota that is used up, and does not ask in vain", async () => {
    serve(referenceCloud(), { limit: 2 });
    const { user } = draw();
    await user.click(await screen.findByRole("button", { name: "Allocate IP To Project" }));
    const form = within(await dialog());
    expect(await form.findByText(/quota of 2 floating IPs is used up/)).toBeTruthy();
    expect(form.getByRole("button", { name: "Allocate IP" })).toHaveProperty("disabled", true);
  });

  it("says so when there is no pool", async () => {
    serve({ ...referenceCloud(), networks: [] });
    const { user } = draw();
    await user.click(await screen.findByRole("button", { name: "Allocate IP To Project" }));
    expect(await screen.findByText(/There is no pool yet/)).toBeTruthy();
  });
});

describe("Associate", () => {
  const associate = async (user: ReturnType<typeof draw>["user"]) => {
    await user.click(within(await row("10.10.10.9")).getByRole("button", { name: /^Associate/ }));
    return within(await dialog());
  };

  it("offers what is reachable, and says why the others are not", async () => {
    const vm2 = port({ id: "portvm2-aaaaaaaa", network_id: "lonely", name: "vm2" }, ["subx", "172.16.7.2"]);
    const lonely = subnet({ id: "subx", network_id: "lonely", cidr: "172.16.7.0/24", gateway_ip: "172.16.7.1" });
    const wider = added(added(referenceCloud(), "networks", network({ id: "lonely" })), "subnets", lonely);
    serve(added(wider, "ports", vm2));
    const { user } = draw();
    const form = await associate(user);
    const radios = await form.findAllByRole("radio");
    expect(radios.map((radio) => (radio as HTMLInputElement).disabled)).toEqual([false, true, true, true, true]);
    expect(form.getByText("It already has a floating IP: 10.10.10.3.")).toBeTruthy();
    expect(form.getByText(/No router on its subnet/)).toBeTruthy();
    expect(form.getAllByText(/A port of the network itself/)).toHaveLength(2);
    await expectAccessible();
  });

  it("chooses the only one that is reachable: two clicks", async () => {
    const { api } = serve(referenceCloud());
    const { user } = draw();
    const form = await associate(user);
    await waitFor(() => expect(form.getByRole("radio", { name: /cirros-vm1/ })).toHaveProperty("checked", true));
    await user.click(form.getByRole("button", { name: "Associate" }));
    expect(await screen.findByText("10.10.10.9 leads to cirros-vm1")).toBeTruthy();
    expect(api.of("PUT")[0]?.body).toEqual({
      floatingip: { port_id: "portvm1-aaaaaaaa", fixed_ip_address: "172.16.100.3" },
    });
  });

  it("finds among many, and Enter in the search field does not send", async () => {
    const many = Array.from({ length: 80 }, (_, i) =>
      port({ id: `many${i}`, network_id: "vlan100", name: `web-${i}` }, ["sub100", `172.16.100.${i + 10}`]),
    );
    const { api } = serve(added(referenceCloud(), "ports", ...many));
    const { user } = draw();
    const form = await associate(user);
    expect(await form.findByText(/The first 60 of 84/)).toBeTruthy();
    await user.type(form.getByRole("textbox", { name: /Instance, address or network/ }), "web-77{Enter}");
    await waitFor(() => expect(form.getAllByRole("radio")).toHaveLength(1));
    expect(api.of("PUT")).toHaveLength(0);
    await user.click(form.getByRole("radio"));
    await user.click(form.getByRole("button", { name: "Associate" }));
    expect(await screen.findByText("10.10.10.9 leads to web-77")).toBeTruthy();
  });
});

describe("Disassociate", () => {
  it("says what happens to traffic, and can be undone", async () => {
    const { api } = serve(referenceCloud());
    const { user } = draw();
    await user.click(within(await row("10.10.10.3")).getByRole("button", { name: /^Disassociate/ }));
    const form = within(await dialog());
    expect(await form.findByText(/10\.10\.10\.3 will not reach cirros-vm3 \(172\.16\.101\.3\)/)).toBeTruthy();
    await expectAccessible();
    await user.click(form.getByRole("button", { name: "Disassociate" }));
    expect(await screen.findByText("10.10.10.3 is disassociated")).toBeTruthy();
    expect(api.of("PUT")[0]?.body).toEqual({ floatingip: { port_id: null } });
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByText("10.10.10.3 is associated again")).toBeTruthy();
    expect(api.of("PUT")[1]?.body).toEqual({
      floatingip: { port_id: "portvm3-aaaaaaaa", fixed_ip_address: "172.16.101.3" },
    });
  });

  it("says why it could not be undone", async () => {
    const { api } = serve(referenceCloud());
    const { user } = draw();
    await user.click(within(await row("10.10.10.3")).getByRole("button", { name: /^Disassociate/ }));
    await user.click(within(await dialog()).getByRole("button", { name: "Disassociate" }));
    const undo = await screen.findByRole("button", { name: "Undo" });
    api.on("PUT", "/v2.0/floatingips/{}", refusal(404, "PortNotFound", "Port could not be found"));
    await user.click(undo);
    expect(await screen.findByText("This could not be undone: Port could not be found")).toBeTruthy();
  });
});

describe("the menu of a row", () => {
  const choose = async (user: ReturnType<typeof draw>["user"], address: string, item: string) => {
    await user.click(within(await row(address)).getByRole("button", { name: `More actions for ${address}` }));
    await user.click(await screen.findByRole("menuitem", { name: item }));
    return within(await dialog());
  };

  it("releases", async () => {
    const { api } = serve(referenceCloud());
    const { user } = draw();
    const form = await choose(user, "10.10.10.3", "Release Floating IP");
    expect(await form.findByText(/anybody may get it next/)).toBeTruthy();
    expect(form.getByText(/will not reach cirros-vm3/)).toBeTruthy();
    await user.click(form.getByRole("button", { name: "Release Floating IP" }));
    expect(await screen.findByText("10.10.10.3 is released")).toBeTruthy();
    expect(api.of("DELETE")[0]?.path).toBe("/v2.0/floatingips/fip3");
    await waitFor(() => expect(screen.queryByRole("link", { name: "10.10.10.3" })).toBeNull());
  });

  it("describes: writes only what is new", async () => {
    const { api } = serve(changed(referenceCloud(), "floatingips", "fip9", { description: "spare", tags: ["a"] }));
    const { user } = draw();
    const form = await choose(user, "10.10.10.9", "Edit Floating IP");
    const tags = await form.findByRole("textbox", { name: "Tags" });
    await user.clear(tags);
    await user.type(tags, "web, blue,, web");
    await user.click(form.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("10.10.10.9 is saved")).toBeTruthy();
    expect(api.of("PUT").map(({ path, body }) => [path, body])).toEqual([
      ["/v2.0/floatingips/fip9/tags", { tags: ["web", "blue"] }],
    ]);
  });
});

describe("several at once", () => {
  it("are released together; one that is gone already is no failure", async () => {
    const { api, fips } = serve(referenceCloud());
    const { user } = draw();
    await row("10.10.10.9");
    await user.click(screen.getByRole("checkbox", { name: "Choose all rows of this page" }));
    expect(screen.getByRole("button", { name: "Disassociate 1" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Release 2" }));
    fips.splice(0, 1);
    await user.click(within(await dialog()).getByRole("button", { name: "Release Floating IPs" }));
    expect(await screen.findByText("10.10.10.3, 10.10.10.9 is released")).toBeTruthy();
    expect(api.of("DELETE")).toHaveLength(2);
    expect(fips).toHaveLength(0);
  });

  it("a refusal names whose it is", async () => {
    const { api } = serve(referenceCloud());
    api.on("DELETE", "/v2.0/floatingips/{}", refusal(403, "PolicyNotAuthorized", "not yours"));
    const { user } = draw();
    await row("10.10.10.9");
    await user.click(screen.getByRole("checkbox", { name: "Choose all rows of this page" }));
    await user.click(screen.getByRole("button", { name: "Release 2" }));
    await user.click(within(await dialog()).getByRole("button", { name: "Release Floating IPs" }));
    expect(await screen.findByText(/10\.10\.10\.3: not yours/)).toBeTruthy();
  });
});
