// The reference document's clicks, word for word, and packets that prove what came of them.
import assert from "node:assert/strict";

import { checkAxe, countClicks, picture, see } from "./lib/browser.mjs";
import { admin, api, buoy, buoyDo, pings, releaseAll, tokenOf, until } from "./lib/buoy.mjs";
import { button, dialog, heading, login, menu, row, rowButton } from "./lib/person.mjs";

const address = "10.10.10.3";
const answers = (wanted) =>
  until(`${address} ${wanted ? "answers" : "is silent"}`, async () => (await pings(address)) === wanted);
const choice = (page, name) => dialog(page).getByRole("radio", { name });

see("the document: allocate, associate, ping; disassociate; release", {}, async ({ page }) => {
  await releaseAll();
  await login(page);
  await menu(page, "Project", "Compute", "Access & Security", "Floating IPs");
  assert.equal(new URL(page.url()).pathname, "/console/access-and-security/floating-ips");
  await heading(page, "Floating IPs").waitFor();
  await picture(page, "1 no floating ips yet");

  const clicks = await countClicks(page);
  await button(page, "Allocate IP To Project").first().click();
  assert.equal(await dialog(page).getByLabel("Pool").locator("option:checked").textContent(), "ext_net");
  await choice(page, "cirros-vm3").waitFor();
  await picture(page, "2 allocate");
  await checkAxe(page, "allocate");
  await button(dialog(page), "Allocate IP").click();
  await row(page, address).waitFor();
  await picture(page, "3 allocated");

  await rowButton(page, address, "Associate").click();
  await choice(page, "cirros-vm3").click();
  await picture(page, "4 associate");
  await checkAxe(page, "associate");
  await button(dialog(page), "Associate").click();
  await row(page, address).filter({ hasText: "172.16.101.3" }).filter({ hasText: "Active" }).waitFor();
  assert.equal(await clicks(), 5);
  await answers(true);
  await picture(page, "5 associated");
  await checkAxe(page, "list with an address");

  await rowButton(page, address, "Disassociate").click();
  await checkAxe(page, "disassociate");
  await picture(page, "6 disassociate");
  await button(dialog(page), "Disassociate").click();
  await row(page, address).filter({ hasText: "Down" }).waitFor();
  await answers(false);

  await button(page, `More actions for ${address}`).click();
  await page.getByRole("menuitem", { name: "Release Floating IP" }).click();
  await checkAxe(page, "release");
  await button(dialog(page), "Release Floating IP").click();
  await page.getByText(`${address} is released`).waitFor();
  await row(page, address).waitFor({ state: "detached" });
  assert.deepEqual(await buoy("fip", "list"), []);
});

see("the short way: three clicks from logged in to an address that answers", {}, async ({ page }) => {
  await releaseAll();
  await login(page);
  const clicks = await countClicks(page);
  await button(page, "Allocate IP To Project").first().click();
  await choice(page, "cirros-vm3").click();
  await button(dialog(page), "Allocate IP").click();
  await answers(true);
  assert.equal(await clicks(), 3);
  await menu(page, "Network", "Floating IPs");
  await row(page, address).filter({ hasText: "Active" }).waitFor();
  await buoyDo("fip", "delete", address);
  await row(page, address).waitFor({ state: "detached" }); // what others do is seen without a reload
});

see("an undone disassociation answers again", {}, async ({ page }) => {
  await releaseAll();
  await buoyDo("fip", "create", "ext_net", "--address", address, "--port", "cirros-vm3");
  await login(page, admin, "/console/floating-ips");
  await rowButton(page, address, "Disassociate").click();
  await button(dialog(page), "Disassociate").click();
  await answers(false);
  await button(page, "Undo").click();
  await answers(true);
});

see("an undone release answers again", {}, async ({ page }) => {
  await releaseAll();
  await buoyDo("fip", "create", "ext_net", "--address", address, "--port", "cirros-vm3", "--description", "web");
  const [{ id }] = await buoy("fip", "list");
  await login(page, admin, "/console/floating-ips");
  await button(page, `More actions for ${address}`).click();
  await page.getByRole("menuitem", { name: "Release Floating IP" }).click();
  await button(dialog(page), "Release Floating IP").click();
  await row(page, address).waitFor({ state: "detached" });
  await answers(false);
  await button(page, "Undo").click();
  await page.getByText(`${address} is back as it was`).waitFor();
  await row(page, address).filter({ hasText: "172.16.101.3" }).filter({ hasText: "web" }).waitFor();
  await answers(true);
  assert.equal((await buoy("fip", "list"))[0].id, id);
});

see("a released address rests, where it can be taken back", {}, async ({ page }) => {
  await releaseAll();
  await buoyDo("fip", "create", "ext_net", "--address", address);
  await buoyDo("fip", "delete", address);
  await login(page, admin, "/console/floating-ips");
  await page.getByRole("link", { name: "Resting addresses" }).click();
  await heading(page, "Resting addresses").waitFor();
  await rowButton(page, address, "Take Back").click();
  await button(dialog(page), "Take Back").click();
  await page.getByText(`${address} is taken back`).waitFor();
  await row(page, address).waitFor({ state: "detached" });
  assert.equal((await buoy("fip", "list"))[0].floating_ip_address, address);
});

see("two addresses are swapped: each leads to where the other led", {}, async ({ page }) => {
  await releaseAll();
  const other = "10.10.10.20";
  await buoyDo("fip", "create", "ext_net", "--address", address, "--port", "cirros-vm3");
  await buoyDo("fip", "create", "ext_net", "--address", other, "--port", "cirros-vm1");
  const token = await tokenOf(admin);
  const leadsTo = async () => {
    const { floatingips } = (await api("GET", "/v2.0/floatingips", { token })).body;
    return Object.fromEntries(floatingips.map((fip) => [fip.floating_ip_address, fip.fixed_ip_address]));
  };
  const before = await leadsTo();
  await login(page, admin, "/console/floating-ips");
  await page.getByRole("link", { name: address }).click();
  await heading(page, address).waitFor();
  await button(page, `More actions for ${address}`).click();
  await page.getByRole("menuitem", { name: "Swap with ..." }).click();
  await row(dialog(page), other).filter({ hasText: before[address] }).waitFor();
  await checkAxe(page, "swap");
  await picture(page, "swap");
  await button(dialog(page), "Swap").click();
  await page.getByText(`${address} and ${other} are swapped`).waitFor();
  assert.deepEqual(await leadsTo(), { [address]: before[other], [other]: before[address] });
  await page.locator("#main").getByText(before[other]).first().waitFor();
  await answers(true);
});

// Presses Tab until that is in focus.
async function tabTo(page, target) {
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${target}`);
}

see("keyboard only: log in, allocate, associate", {}, async ({ page }) => {
  await releaseAll();
  await page.goto("/");
  await button(page, "Log in").waitFor();
  await page.keyboard.type(admin.username); // the field has the focus
  await page.keyboard.press("Tab");
  await page.keyboard.type(admin.password);
  await page.keyboard.press("Enter");
  await heading(page, "Overview").waitFor();
  await tabTo(page, page.getByRole("link", { name: "Floating IPs", exact: true }).first());
  await page.keyboard.press("Enter");
  await heading(page, "Floating IPs").waitFor();
  const allocate = button(page, "Allocate IP To Project").first();
  await tabTo(page, allocate);
  await page.keyboard.press("Enter");
  await choice(page, "cirros-vm3").waitFor();
  await tabTo(page, button(dialog(page), "Allocate IP"));
  await page.keyboard.press("Enter");
  await row(page, address).waitFor();
  await until("focus comes back", () => allocate.evaluate((element) => element === document.activeElement));
  await tabTo(page, rowButton(page, address, "Associate"));
  await page.keyboard.press("Enter");
  await choice(page, "cirros-vm1").waitFor();
  await tabTo(page, choice(page, "cirros-vm1"));
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  assert.ok(await choice(page, "cirros-vm3").isChecked());
  await tabTo(page, button(dialog(page), "Associate"));
  await page.keyboard.press("Enter");
  await row(page, address).filter({ hasText: "172.16.101.3" }).waitFor();
  await answers(true);
});
