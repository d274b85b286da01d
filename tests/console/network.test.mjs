// Networks, routers, ports and instances made in the console by an ordinary member, from nothing to an address that
// answers; and what its page, its history and the topology then say.
import assert from "node:assert/strict";

import { checkAxe, picture, see } from "./lib/browser.mjs";
import { admin, api, buoyDo, keepPinging, makeUser, pings, plug, tokenOf, until } from "./lib/buoy.mjs";
import { button, dialog, heading, login, menu, row, rowButton } from "./lib/person.mjs";

const member = await makeUser("nia", "green", "member");
const token = await tokenOf(member);
const list = async (kind, query = "") => (await api("GET", `/v2.0/${kind}s${query}`, { token })).body[`${kind}s`];
const gone = (page) => dialog(page).waitFor({ state: "detached" });

// Fills in the dialog's fields, looks whether it is accessible, and sends it.
async function answer(page, name, fields) {
  for (const [label, value] of Object.entries(fields)) {
    const field = dialog(page).getByLabel(label, { exact: false }).first();
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") await field.selectOption({ label: value });
    else await field.fill(value);
  }
  await checkAxe(page, name);
  await picture(page, `dialog ${name}`);
  await button(dialog(page), name).click();
  await gone(page);
}

see("create a network with a subnet", {}, async ({ page }) => {
  await login(page, member);
  await menu(page, "Network", "Networks");
  await button(page, "Create Network").first().click();
  await button(dialog(page), "Create Network").click();
  await dialog(page).getByText("This is needed.").first().waitFor();
  await answer(page, "Create Network", { "Network Name": "green-net", "Network Address": "172.16.102.0/24" });
  await row(page, "green-net").filter({ hasText: "172.16.102.0/24" }).waitFor();
  await page.getByRole("link", { name: "green-net" }).click();
  await heading(page, "green-net").waitFor();
  await checkAxe(page, "a network");
  await button(page, "Create Subnet").first().click();
  await answer(page, "Create Subnet", { "Network Address": "172.16.103.0/24", "Subnet Name": "second" });
  await row(page, "172.16.103.0/24").waitFor();
  assert.deepEqual(
    (await list("subnet"))
      .map(({ cidr }) => cidr)
      .filter((cidr) => cidr.startsWith("172.16.10"))
      .sort(),
    ["172.16.102.0/24", "172.16.103.0/24"],
  );
});

see("create a router; Set Gateway, Add Interface, a static route", {}, async ({ page }) => {
  await login(page, member, "/console/routers");
  await button(page, "Create Router").first().click();
  await answer(page, "Create Router", { "Router Name": "green-router" });
  await page.getByRole("link", { name: "green-router" }).click();
  await heading(page, "green-router").waitFor();
  await button(page, "Set Gateway").first().click();
  await answer(page, "Set Gateway", { "External Network": "ext_net" });
  await page.getByRole("link", { name: "ext_net" }).first().waitFor();
  await button(page, "Add Interface").click();
  const subnets = await dialog(page).getByLabel("Subnet").locator("option").allTextContents();
  const first = subnets.find((text) => text.includes("172.16.102"));
  await answer(page, "Add Interface", { Subnet: first });
  await row(page, "172.16.102.1").waitFor();
  await button(page, "Add Static Route").click();
  await dialog(page).getByLabel("Destination CIDR").fill("192.168.77.0");
  await dialog(page).getByLabel("Next Hop").fill("172.16.102.200");
  await button(dialog(page), "Add Static Route").click();
  await dialog(page).getByText("This is no prefix").waitFor();
  await checkAxe(page, "a mistake in a dialog");
  await answer(page, "Add Static Route", { "Destination CIDR": "192.168.77.0/24" });
  await row(page, "192.168.77.0/24").waitFor();
  await checkAxe(page, "a router");
  await picture(page, "router", { fullPage: true });
  const [router] = (await list("router")).filter(({ name }) => name === "green-router");
  assert.deepEqual(router.routes, [{ destination: "192.168.77.0/24", nexthop: "172.16.102.200" }]);
  assert.ok(router.external_gateway_info);
});

see("register an instance; it answers from outside", {}, async ({ page }) => {
  await login(page, member, "/console/instances");
  await button(page, "Register Instance").first().click();
  await answer(page, "Register Instance", {
    "Instance Name": "web1",
    Network: "green-net",
    "Fixed IP": "172.16.102.50",
  });
  await row(page, "web1").filter({ hasText: "172.16.102.50" }).waitFor();
  const [port] = await list("port", "?fixed_ips=ip_address%3D172.16.102.50");
  await plug(port.id, "buoy-web1");
  await menu(page, "Network", "Ports");
  await row(page, "172.16.102.50").filter({ hasText: "Active" }).waitFor();
  await checkAxe(page, "ports");
  await menu(page, "Network", "Floating IPs");
  await button(page, "Allocate IP To Project").first().click();
  await dialog(page).getByRole("radio", { name: "web1" }).click();
  await button(dialog(page), "Allocate IP").click();
  await row(page, "172.16.102.50").filter({ hasText: "Active" }).waitFor();
  const [fip] = await list("floatingip");
  await until("web1 answers", () => pings(fip.floating_ip_address));
  await page.getByRole("link", { name: "web1" }).click();
  await heading(page, "web1").waitFor();
  await checkAxe(page, "an instance");
  await picture(page, "instance");
});

see("the address' page: live counters, the way of its packets, its history", {}, async ({ page }) => {
  const [fip] = await list("floatingip");
  await login(page, member, "/console/floating-ips");
  await page.getByRole("link", { name: fip.floating_ip_address }).click();
  await heading(page, fip.floating_ip_address).waitFor();
  const stop = keepPinging(fip.floating_ip_address);
  try {
    const flowing = page.getByText(/^([1-9]\d*|\d\.\d+ k) p\/s$/);
    await until("live counters", async () => (await flowing.count()) >= 2, 20);
    await checkAxe(page, "an address");
    await picture(page, "address", { fullPage: true });
    await menu(page, "Network", "Floating IPs");
    await row(page, fip.floating_ip_address).filter({ hasText: "bit/s" }).waitFor({ timeout: 15000 });
  } finally {
    stop();
  }
  await row(page, fip.floating_ip_address).filter({ hasNotText: "bit/s" }).waitFor({ timeout: 20000 });
  await page.getByRole("link", { name: fip.floating_ip_address }).click();
  await page.getByRole("tab", { name: "Way of its packets" }).click();
  await page.getByText("The packet arrives.").waitFor();
  await checkAxe(page, "the way of a packet");
  await picture(page, "way", { fullPage: true });
  await page.getByRole("tab", { name: "History" }).click();
  await row(page, `Allocated ${fip.floating_ip_address}`).filter({ hasText: "nia" }).waitFor();
  await checkAxe(page, "history");
  await picture(page, "history");
});

see("topology: a click shows the way of a packet", {}, async ({ page }) => {
  const [fip] = await list("floatingip");
  await login(page, member, "/console/topology");
  await heading(page, "Topology").waitFor();
  const box = page.getByRole("button", { name: /web1.*Instance/ });
  await box.waitFor();
  await checkAxe(page, "topology");
  await picture(page, "topology");
  await box.click();
  await page.getByText("The packet arrives.").waitFor();
  await page.getByText(fip.floating_ip_address).first().waitFor();
  await checkAxe(page, "topology with a way");
  await picture(page, "topology way", { fullPage: true });
});

see("what cannot be deleted says why; what can is gone", {}, async ({ page, guard }) => {
  guard.mayFail(/\/v2\.0\/(networks|routers)\//);
  await login(page, member, "/console/networks");
  await button(page, "More actions for green-net").click();
  await page.getByRole("menuitem", { name: "Delete Network" }).click();
  await button(dialog(page), "Delete Network").click();
  await dialog(page)
    .getByText(/still in use|in use/)
    .first()
    .waitFor();
  await checkAxe(page, "a refusal");
  await picture(page, "refusal");
  await button(dialog(page), "Cancel").click();
  await menu(page, "Compute", "Instances");
  await button(page, "More actions for web1").click();
  await page.getByRole("menuitem", { name: "Delete Instance" }).click();
  await button(dialog(page), "Delete Instance").click();
  await row(page, "web1").waitFor({ state: "detached" });
  const [fip] = await list("floatingip");
  await until("the address is free", async () => (await list("floatingip"))[0].port_id === null);
  await until("silence", async () => !(await pings(fip.floating_ip_address)));
});

see("a reader sees everything and is refused with advice", {}, async ({ page, guard }) => {
  await buoyDo("user", "create", "rea", "--password", member.password);
  await buoyDo("role", "add", "reader", "--user", "rea", "--project", "green");
  guard.mayFail(/\/v2\.0\/floatingips$/);
  await login(page, { username: "rea", password: member.password }, "/console/networks");
  await row(page, "green-net").waitFor();
  await menu(page, "Network", "Floating IPs");
  await button(page, "Allocate IP To Project").first().click();
  await dialog(page).getByLabel("Description").fill("kept");
  await button(dialog(page), "Allocate IP").click();
  await dialog(page).getByText("Your role does not permit this.").waitFor();
  assert.equal(await dialog(page).getByLabel("Description").inputValue(), "kept");
  await checkAxe(page, "a reader's refusal");
});
