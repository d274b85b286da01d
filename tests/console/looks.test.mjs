// How every page and every dialog looks and reads: light and dark, on a desk and on a phone, in three languages. axe finds
// nothing, nothing scrolls sideways, and what is not translated is found.
import assert from "node:assert/strict";

import { checkAxe, checkWidth, picture, see } from "./lib/browser.mjs";
import { admin, api, buoy, buoyDo, tokenOf } from "./lib/buoy.mjs";
import { button, dialog, login } from "./lib/person.mjs";
import { languages, text, untranslated } from "./lib/texts.mjs";

await buoyDo(
  "fip",
  "create",
  "ext_net",
  "--address",
  "10.10.10.3",
  "--port",
  "cirros-vm3",
  "--description",
  "web front",
);
await buoyDo("fip", "create", "ext_net", "--tag", "spare");
await buoyDo("fip", "create", "ext_net", "--address", "10.10.10.20", "--port", "cirros-vm1");
await buoyDo("qos", "policy", "create", "slow", "--share");
await buoyDo("qos", "rule", "create", "slow", "--max-kbps", "200000", "--direction", "ingress");
await buoyDo("fip", "set", "10.10.10.3", "--qos-policy", "slow");
// One that ends soon, one that forwards a port, one that is offered, one that rests.
await buoyDo("fip", "create", "ext_net", "--address", "10.10.10.40", "--lease-seconds", "7200");
await buoyDo("fip", "create", "ext_net", "--address", "10.10.10.41");
await buoyDo("port", "create", "forwarded", "--network", "net101");
await buoyDo(
  ...["fip-port-forwarding", "create", "10.10.10.41", "--protocol", "tcp", "--external-port", "80"],
  ...["--port", "forwarded", "--internal-port", "8080"],
);
await buoyDo("fip", "create", "ext_net", "--address", "10.10.10.42");
await buoyDo("transfer", "create", "10.10.10.42", "--name", "web");
await buoyDo("fip", "create", "ext_net", "--address", "10.10.10.43");
await buoyDo("fip", "delete", "10.10.10.43");
const token = await tokenOf(admin);
const idOf = async (kind, query) => (await api("GET", `/v2.0/${kind}s?${query}`, { token })).body[`${kind}s`][0].id;
const fip = await idOf("floatingip", "floating_ip_address=10.10.10.3");
const [project] = await buoy("project", "list");
const [user] = await buoy("user", "list");

// What the node says of packets, made up: it may not be able to.
const explanation = {
  verdict: "drop",
  summary: "The QoS policy has no room for it.",
  steps: [
    { what: "10.10.10.3 leads to 172.16.101.3", ok: true, advice: null },
    { what: "The rate limit lets it through", ok: false, advice: "Raise the policy's ingress limit, or send less" },
  ],
  packet: {
    before: { source: "198.51.100.9", target: "10.10.10.3", protocol: "tcp", source_port: 40000, port: 443 },
    after: { source: "198.51.100.9", target: "172.16.101.3", protocol: "tcp", source_port: 40000, port: 443 },
  },
  generation: 7,
  datapath: "bpf",
};
const seen = {
  time: "2026-01-01T00:00:00.123Z",
  direction: "in",
  verdict: "drop",
  reason: "rate_in",
  what: "More arrives than the QoS policy lets through to the instance",
  packet: explanation.packet.before,
};

// What nobody has used for a week, and an offer of which each look would need another.
const orphan = {
  floatingip_id: fip,
  floating_ip_address: "10.10.10.3",
  floating_network_id: "",
  project_id: project.id,
  description: "web front",
  port_id: null,
  reason: "not_plugged",
  idle_seconds: 812345,
  last_seen_in: "2026-01-01T00:00:00Z",
  last_seen_out: null,
  associated_at: null,
  created_at: "2026-01-01T00:00:00Z",
  expires_at: null,
};
const transfer = {
  id: "6f1f2b52-4b83-4a7e-9a0f-0d6a2c7e0a11",
  floating_ip_address: "10.10.10.40",
  auth_key: "kdJ3v0Zq2yX7bN5mT9cR1wL6hF8sG4aP0eU3iO7tYxQ",
};

async function makeUpLife(page) {
  await page.route("**/v2.0/buoy/orphans?*", (route) =>
    route.fulfill({ json: { idle_seconds: 604800, orphans: [orphan] } }),
  );
  await page.route("**/v2.0/buoy/transfers", (route) =>
    route.request().method() === "POST" ? route.fulfill({ status: 201, json: { transfer } }) : route.continue(),
  );
}

async function makeUpPackets(page) {
  await page.route("**/v2.0/floatingips/*/explain", (route) => route.fulfill({ json: { explanation } }));
  await page.route("**/v2.0/floatingips/*/packets", (route) =>
    route.fulfill({
      contentType: "text/event-stream",
      body: `event: packet\ndata: ${JSON.stringify(seen)}\n\n`.repeat(3),
    }),
  );
}

async function explain(page, language) {
  await page.getByLabel(text(language, "explain:fromAddress")).fill("198.51.100.9");
  await page.getByLabel(text(language, "explain:field.port")).fill("443");
  await button(page, text(language, "explain:submit")).click();
  await page.getByText(explanation.summary).waitFor();
  await button(page, text(language, "explain:packets.start")).click();
  await page.getByText(text(language, "explain:packets.state.ended")).waitFor();
}

// What opens a dialog: a button, by the key of its text; or an entry of the menu of that page; or, once rows are
// chosen, a button of the list.
const pressed = (key) => ({ key, open: (page, language) => button(page, text(language, key)).first().click() });
const inMenu = (name, key) => ({
  key,
  open: async (page, language) => {
    await button(page, text(language, "common:action.more").replace("{{name}}", name)).click();
    await page.getByRole("menuitem", { name: text(language, key), exact: true }).click();
  },
});
// What an offer shows once it is made.
const keyOfOffer = (name) => ({
  key: "life:offer.key",
  open: async (page, language) => {
    await inMenu(name, "life:offer.title").open(page, language);
    await button(dialog(page), text(language, "life:offer.submit")).click();
    await dialog(page).getByText(text(language, "life:offer.once")).waitFor();
  },
});
const ofChosen = (addresses, key) => ({
  key,
  open: async (page, language) => {
    for (const address of addresses)
      await page
        .getByRole("checkbox", { name: text(language, "floatingips:choose").replace("{{address}}", address) })
        .check();
    await button(page, text(language, key)).click();
  },
});

// The same, and then what that would change.
const planned = ({ key, open }) => ({
  key: `${key} plan`,
  open: async (page, language) => {
    await open(page, language);
    await button(dialog(page), text(language, "time:plan.ask")).click();
    await page.getByText(text(language, "time:plan.notDone")).waitFor();
  },
});

// Looks at the moment in which the dialog opens, which has passed when it is shown.
async function lookBack(page, language) {
  await button(page, text(language, "time:asOf.ask")).click();
  await button(dialog(page), text(language, "time:asOf.show")).click();
  await page.getByText(text(language, "time:asOf.bannerHelp")).waitFor();
  await settled(page);
}
const comeBack = (page, language) => button(page, text(language, "time:asOf.back")).click();

// Each page, what is done on it before it is looked at, and the dialogs that it opens.
const pages = [
  { name: "overview", path: "overview" },
  {
    name: "floating ips",
    path: "floating-ips",
    dialogs: ["floatingips:action.allocate", ofChosen(["10.10.10.3", "10.10.10.20"], "floatingips:move.title")],
  },
  {
    name: "floating ip",
    path: `floating-ips/${fip}`,
    dialogs: [inMenu("10.10.10.3", "floatingips:swap.action"), inMenu("10.10.10.3", "floatingips:action.describe")],
  },
  {
    name: "floating ip with an end",
    path: `floating-ips/${await idOf("floatingip", "floating_ip_address=10.10.10.40")}`,
    dialogs: [
      inMenu("10.10.10.40", "life:lease.renew"),
      inMenu("10.10.10.40", "life:offer.title"),
      keyOfOffer("10.10.10.40"),
    ],
  },
  {
    name: "floating ip that forwards",
    path: `floating-ips/${await idOf("floatingip", "floating_ip_address=10.10.10.41")}`,
  },
  {
    name: "resting addresses",
    path: "floating-ips/resting",
    dialogs: [
      "life:resting.hold",
      inMenu("10.10.10.43", "life:resting.change"),
      inMenu("10.10.10.43", "life:resting.lift"),
    ],
  },
  { name: "transfers", path: "floating-ips/transfers", dialogs: ["life:accept.title"] },
  { name: "unused floating ips", path: "floating-ips/unused" },
  { name: "floating ip explain", path: `floating-ips/${fip}?part=explain`, before: explain },
  { name: "floating ip way", path: `floating-ips/${fip}?part=way` },
  { name: "floating ip history", path: `floating-ips/${fip}?part=history` },
  {
    name: "floating ip plan",
    path: `floating-ips/${fip}`,
    dialogs: [planned(pressed("floatingips:action.disassociate"))],
  },
  { name: "floating ips as of", path: "floating-ips", before: lookBack, after: comeBack },
  { name: "floating ip as of", path: `floating-ips/${fip}`, before: lookBack, after: comeBack },
  { name: "address history", path: "address-history?address=10.10.10.3", dialogs: ["time:export.title"] },
  { name: "topology", path: "topology" },
  { name: "networks", path: "networks", dialogs: ["networks:create", "time:asOf.ask"] },
  { name: "network", path: `networks/${await idOf("network", "name=net101")}`, dialogs: ["networks:subnet.create"] },
  { name: "routers", path: "routers", dialogs: ["routers:create"] },
  {
    name: "router",
    path: `routers/${await idOf("router", "name=router_100_101")}`,
    dialogs: ["routers:addInterface", "routers:addRoute"],
  },
  { name: "ports", path: "ports", dialogs: ["ports:create"] },
  { name: "port", path: `ports/${await idOf("port", "name=cirros-vm3")}` },
  { name: "instances", path: "instances", dialogs: ["instances:register"] },
  { name: "instance", path: "instances/buoy-cirros-vm3" },
  { name: "admin pools", path: "admin/pools" },
  { name: "admin qos policies", path: "admin/qos-policies", dialogs: ["qos:create"] },
  { name: "admin nodes", path: "admin/nodes" },
  { name: "admin projects", path: "admin/projects" },
  { name: "admin project", path: `admin/projects/${project.id}` },
  { name: "admin users", path: "admin/users" },
  { name: "admin user", path: `admin/users/${user.id}` },
  { name: "nowhere", path: "no/such/page" },
];

const desk = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };
const looks = [
  { look: "desk light", language: "en", options: { viewport: desk }, axe: true, reload: true },
  { look: "desk dark", language: "zh", options: { viewport: desk, colorScheme: "dark", locale: "zh-CN" }, axe: true },
  { look: "phone light", language: "ko", options: { viewport: phone, locale: "ko-KR", hasTouch: true } },
];

// Goes there by its address, or as a link of the console does.
async function go(page, path, reload) {
  if (reload) return page.goto(`/console/${path}`);
  return page.evaluate(async (to) => {
    history.pushState({}, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
    for (let frame = 0; frame < 2; frame++) await new Promise((done) => requestAnimationFrame(done));
  }, `/console/${path}`);
}

// The page is whole: its heading is there, and nothing is still loading.
async function settled(page) {
  await page.locator("#main").getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => !document.querySelector("#main .pf-v6-c-spinner, #main .pf-v6-c-skeleton"));
}

async function check(page, where, language, axe) {
  const problems = [];
  for (const look of axe ? [checkAxe, checkWidth] : [checkWidth])
    await look(page, where).catch((error) => problems.push(error.message));
  problems.push(...(await untranslated(page, language)).map((found) => `${where}: not translated: ${found}`));
  await picture(page, where);
  return problems;
}

for (const { look, language, options, axe, reload } of looks)
  see(
    `every page and dialog: ${look}, ${languages[language]}`,
    { ...options, patience: 240000 },
    async ({ page }) => {
      await makeUpPackets(page);
      await makeUpLife(page);
      await login(page, admin, "/console/overview", language);
      const problems = [];
      for (const { name, path, before, after, dialogs = [] } of pages) {
        await go(page, path, reload);
        await settled(page);
        await before?.(page, language);
        problems.push(...(await check(page, `${look} ${name}`, language, axe)));
        for (const { key, open } of dialogs.map((one) => (typeof one === "string" ? pressed(one) : one))) {
          await open(page, language);
          await dialog(page).getByRole("heading").first().waitFor();
          await page.waitForFunction(() => !document.querySelector("[role=dialog] .pf-v6-c-skeleton"));
          problems.push(...(await check(page, `${look} ${name} ${key.replace(/.*[:.]/, "")}`, language, axe)));
          await page.keyboard.press("Escape");
          await dialog(page).waitFor({ state: "detached" });
        }
        await after?.(page, language);
      }
      assert.deepEqual(problems, []);
    },
  );
