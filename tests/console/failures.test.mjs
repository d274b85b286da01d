// A slow and a failing API: what is shown, what is kept, and that trying again works. The failures are made in the browser,
// between the console and buoyd.
import assert from "node:assert/strict";

import { checkAxe, picture, see } from "./lib/browser.mjs";
import { admin, buoyDo, releaseAll, until } from "./lib/buoy.mjs";
import { button, dialog, heading, login, menu, row } from "./lib/person.mjs";

const floatingIps = /\/v2\.0\/floatingips(\?.*)?$/;
const neutron = (type, message) => JSON.stringify({ NeutronError: { type, message, detail: "" } });
const wait = (ms) => new Promise((go) => setTimeout(go, ms));

// Answers requests of that method and address otherwise, until it is called.
async function disturb(page, guard, method, address, how) {
  guard.mayFail(address);
  const handler = async (route) => (route.request().method() === method ? how(route) : route.fallback());
  await page.route(address, handler);
  return () => page.unroute(address, handler);
}
const says = (status, body) => (route) => route.fulfill({ status, contentType: "application/json", body });
const slow = (ms) => async (route) => {
  await wait(ms);
  await route.continue();
};
const cut = (route) => route.abort("connectionreset");

const troubles = [
  [
    "500",
    says(500, neutron("HTTPInternalServerError", "The server could not do this.")),
    "Something is wrong inside Buoy.",
  ],
  ["503", says(503, neutron("ServiceUnavailable", "Too many requests wait.")), "Buoy is busy."],
  ["no answer", cut, "Buoy does not answer."],
];

for (const [name, how, advice] of troubles) {
  see(`a list that is answered with ${name}: advice, and trying again works`, {}, async ({ page, guard }) => {
    await login(page, admin, "/console/networks");
    const stop = await disturb(page, guard, "GET", floatingIps, how);
    await menu(page, "Network", "Floating IPs");
    await page.getByText(advice).waitFor({ timeout: 20000 }); // what may get better by itself is tried again first
    await checkAxe(page, `a list, ${name}`);
    await picture(page, `list ${name}`);
    await stop();
    await button(page, "Try again").click();
    await page.getByText("No floating IPs yet").waitFor();
    assert.equal(await page.getByText(advice).count(), 0);
  });

  see(
    `a dialog that is answered with ${name}: what was typed stays, and sending again works`,
    {},
    async ({ page, guard }) => {
      await releaseAll();
      await login(page, admin, "/console/floating-ips");
      const stop = await disturb(page, guard, "POST", floatingIps, how);
      await button(page, "Allocate IP To Project").first().click();
      await dialog(page).getByLabel("Description").fill("front door");
      await button(dialog(page), "Allocate IP").click();
      await dialog(page).getByText(advice).waitFor();
      assert.equal(await dialog(page).getByLabel("Description").inputValue(), "front door");
      await checkAxe(page, `a dialog, ${name}`);
      await stop();
      await button(dialog(page), "Allocate IP").click();
      await row(page, "front door").waitFor();
      await releaseAll();
    },
  );
}

see("a log-in that nobody answers keeps name and password", {}, async ({ page, guard }) => {
  await page.goto("/");
  await page.getByLabel("User name").fill(admin.username);
  await page.getByLabel("Password").fill(admin.password);
  const stop = await disturb(page, guard, "POST", /\/console\/api\/session$/, cut);
  await button(page, "Log in").click();
  await page.getByText("Buoy does not answer.").waitFor();
  await checkAxe(page, "log-in, no answer");
  assert.equal(await page.getByLabel("Password").inputValue(), admin.password);
  await stop();
  await button(page, "Log in").click();
  await heading(page, "Overview").waitFor();
});

see("the first question fails: said, and tried again", {}, async ({ page, guard }) => {
  const stop = await disturb(page, guard, "GET", /\/console\/api\/session$/, cut);
  await page.goto("/");
  await page.getByText("Buoy does not answer.").waitFor();
  await stop();
  await button(page, "Try again").click();
  await button(page, "Log in").waitFor();
});

see("a slow API: it is seen that something goes on, and nothing is sent twice", {}, async ({ page, guard }) => {
  await releaseAll();
  await login(page, admin, "/console/networks");
  let stop = await disturb(page, guard, "GET", floatingIps, slow(2000));
  await menu(page, "Network", "Floating IPs");
  await heading(page, "Floating IPs").waitFor();
  await page.getByRole("progressbar", { name: "Loading" }).waitFor();
  await checkAxe(page, "loading");
  await page.getByText("No floating IPs yet").waitFor();
  await stop();
  let posts = 0;
  page.on("request", (request) => (posts += request.method() === "POST" && floatingIps.test(request.url()) ? 1 : 0));
  stop = await disturb(page, guard, "POST", floatingIps, slow(1500));
  await button(page, "Allocate IP To Project").first().click();
  await dialog(page).getByLabel("Description").fill("slow");
  const send = button(dialog(page), "Allocate IP");
  await send.dblclick();
  await page.keyboard.press("Enter");
  await row(page, "slow").waitFor();
  assert.equal(posts, 1);
  assert.equal(await row(page, "slow").count(), 1);
  await stop();
  await releaseAll();
});

see("refusals of the API say what to do", {}, async ({ page, guard }) => {
  await login(page, admin, "/console/floating-ips");
  const refusals = [
    [409, "OverQuota", "Quota exceeded for resources: ['floatingip'].", "ask an administrator for a larger quota"],
    [400, "ExternalIpAddressExhausted", "Unable to find any IP address on external network.", "Choose another pool"],
    [429, "TooManyRequests", "Slow down.", "Wait a minute"],
  ];
  for (const [status, type, message, advice] of refusals) {
    const stop = await disturb(page, guard, "POST", floatingIps, says(status, neutron(type, message)));
    await button(page, "Allocate IP To Project").first().click();
    await button(dialog(page), "Allocate IP").click();
    await dialog(page).getByText(message).waitFor();
    await dialog(page).getByText(advice).waitFor();
    await button(dialog(page), "Cancel").click();
    await stop();
  }
});

see("the session ends in the middle of a change", {}, async ({ page, guard }) => {
  await login(page, admin, "/console/floating-ips");
  const stop = await disturb(
    page,
    guard,
    "POST",
    floatingIps,
    says(401, neutron("Unauthorized", "Authentication required")),
  );
  await button(page, "Allocate IP To Project").first().click();
  await button(dialog(page), "Allocate IP").click();
  await page.getByText("Your session has ended. Log in again.").waitFor();
  await checkAxe(page, "the session has ended");
  await stop();
});

see("one of two in a list fails: the rest stays, and so do filter and page", {}, async ({ page, guard }) => {
  await releaseAll();
  await buoyDo("fip", "create", "ext_net", "--description", "alpha");
  await buoyDo("fip", "create", "ext_net", "--description", "beta");
  await login(page, admin, "/console/floating-ips");
  await row(page, "beta").waitFor();
  await page.getByRole("textbox", { name: "Filter" }).fill("alp");
  await row(page, "beta").waitFor({ state: "detached" });
  const stop = await disturb(page, guard, "GET", floatingIps, says(500, neutron("HTTPInternalServerError", "No.")));
  await buoyDo("network", "create", "something-else"); // a change, told by the live stream: everything is read anew
  await page.getByText("Something is wrong inside Buoy.").waitFor({ timeout: 20000 });
  await row(page, "alpha").waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Filter" }).inputValue(), "alp");
  await stop();
  await button(page, "Try again").click();
  await page.getByText("Something is wrong inside Buoy.").waitFor({ state: "detached" });
  assert.equal(await row(page, "beta").count(), 0);
  await releaseAll();
});

see("the live stream breaks and comes back", {}, async ({ page, guard }) => {
  await releaseAll();
  const live = /\/v2\.0\/buoy\/live$/;
  guard.mayFail(live);
  let broken = true;
  let tries = 0;
  await page.route(live, (route) => {
    tries++;
    if (!broken) return route.continue();
    if (tries % 2) return route.abort("connectionreset");
    return route.fulfill({ contentType: "text/event-stream", body: 'event: change\ndata: {"revi' });
  });
  await login(page, admin, "/console/floating-ips");
  await until("it is tried again", () => tries >= 2);
  broken = false;
  await until("it is tried once more", () => tries >= 3);
  await wait(300);
  await buoyDo("fip", "create", "ext_net", "--description", "told live");
  await row(page, "told live").waitFor();
  await releaseAll();
});
