// What would change, what was, and whose it was: asked in the browser, answered by a whole Buoy with its kernel.
import assert from "node:assert/strict";

import { checkAxe, picture, see } from "./lib/browser.mjs";
import { admin, api, buoyDo, pings, releaseAll, tokenOf, until } from "./lib/buoy.mjs";
import { button, dialog, heading, login, menu, row, rowButton } from "./lib/person.mjs";

const address = "10.10.10.3";
const answers = (wanted) => until(`${address} answers: ${wanted}`, async () => (await pings(address)) === wanted);
const note = (page) => dialog(page).getByRole("region", { name: "What would change" });

// As a field for times takes it: of the browser's time zone, in whole seconds.
const local = (page, time) =>
  page.evaluate((ms) => {
    const at = new Date(ms);
    return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  }, time);
const second = () => new Promise((done) => setTimeout(done, 1100));

see("a plan before it is done: what changes, and nothing has happened yet", {}, async ({ page }) => {
  await releaseAll();
  await buoyDo("fip", "create", "ext_net", "--address", address, "--port", "cirros-vm3");
  await answers(true);
  await login(page);
  await menu(page, "Project", "Network", "Floating IPs");
  await rowButton(page, address, "Disassociate").click();
  await button(dialog(page), "What would change?").click();
  await note(page).getByText("port_id").waitFor();
  await note(page).getByText(`nat ${address}`, { exact: false }).first().waitFor();
  await note(page).getByText("Nothing of this has been done yet.").waitFor();
  await checkAxe(page, "plan");
  await picture(page, "time 1 plan");
  assert.equal(await pings(address), true);
  await button(dialog(page), "Disassociate").click();
  await row(page, address).filter({ hasText: "Down" }).waitFor();
  await answers(false);

  await rowButton(page, address, "Associate").click();
  await dialog(page).getByRole("radio", { name: "cirros-vm1" }).click();
  await button(dialog(page), "What would change?").click();
  await note(page).getByText(`nat ${address}`, { exact: false }).first().waitFor();
  // Another choice: what was planned does not hold for it.
  await dialog(page).getByRole("radio", { name: "cirros-vm3" }).click();
  await note(page).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  assert.equal(await pings(address), false);
});

see("the list as it was, and back to now; whose the address was", { patience: 120000 }, async ({ page, guard }) => {
  guard.mayFail(/as_of=2001/); // before there was anything
  guard.mayFail(/floatingips\/[0-9a-f-]+(\/|$)/); // it is gone when one comes back to now
  await releaseAll();
  await buoyDo("fip", "create", "ext_net", "--address", address, "--port", "cirros-vm3");
  await second();
  const then = Date.now();
  await second();
  await buoyDo("fip", "delete", address);
  await buoyDo("fip", "create", "ext_net", "--address", "10.10.10.20");
  await login(page);
  await menu(page, "Project", "Network", "Floating IPs");
  await row(page, "10.10.10.20").waitFor();
  await button(page, "As of …").click();
  await dialog(page).getByLabel("Time").fill("2001-02-03T04:05:06");
  await button(dialog(page), "Show").click();
  await dialog(page)
    .getByRole("heading", { name: /Problem/ })
    .waitFor();
  await dialog(page)
    .getByLabel("Time")
    .fill(await local(page, then));
  await button(dialog(page), "Show").click();
  await page.getByText(/As it was at/).waitFor();
  await row(page, address).filter({ hasText: "Not known" }).waitFor();
  assert.equal(await row(page, "10.10.10.20").count(), 0);
  assert.equal(await button(page, "Allocate IP To Project").count(), 0);
  await checkAxe(page, "as of");
  await picture(page, "time 2 as of");

  // What is gone has its page, too.
  await page.getByRole("link", { name: address }).click();
  await heading(page, address).waitFor();
  await page.getByText("172.16.101.3").first().waitFor();
  await button(page, "Back to now").click();
  await page.getByText(/could not be found/).waitFor();

  await menu(page, "Project", "Network", "Address History");
  await page.getByLabel("IP Address").fill(address);
  await button(page, "Show History").click();
  const first = page.getByRole("row").filter({ hasText: "172.16.101.3" }).first();
  await first.getByText("admin", { exact: true }).first().waitFor();
  await first.getByText(/DELETE/).waitFor();
  await checkAxe(page, "address history");
  await picture(page, "time 3 address history");

  await button(page, "Export").click();
  const saved = page.waitForEvent("download");
  await button(dialog(page), "Download").click();
  const file = await (await saved).createReadStream();
  const chunks = [];
  for await (const chunk of file) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  assert.match(text, /^address,start,end,project_id/);
  assert.match(text, /^"10\.10\.10\.3","2\d{3}-/m);
});

see("when the kernel was last seen right", { patience: 120000 }, async ({ page }) => {
  await releaseAll();
  await buoyDo("fip", "create", "ext_net", "--address", address, "--port", "cirros-vm3");
  const token = await tokenOf(admin);
  const read = async () =>
    (await api("GET", `/v2.0/floatingips?floating_ip_address=${address}`, { token })).body.floatingips[0];
  await until("it is read back", async () => Boolean((await read()).verified_at), 60);
  await login(page, admin, `/console/floating-ips/${(await read()).id}`);
  await page.getByText("Last seen right in the kernel").waitFor();
  const [time] = await page.locator("dd time[datetime]").evaluateAll((all) => all.map(({ dateTime }) => dateTime));
  assert.ok(time, "a time is shown");
});
