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
const token = await tokenOf(admin);
const idOf = async (kind, query) => (await api("GET", `/v2.0/${kind}s?${query}`, { token })).body[`${kind}s`][0].id;
const fip = await idOf("floatingip", "floating_ip_address=10.10.10.3");
const [project] = await buoy("project", "list");
const [user] = await buoy("user", "list");

// Each page, and the dialogs that its buttons open: keys of their texts.
const pages = [
  { name: "overview", path: "overview" },
  { name: "floating ips", path: "floating-ips", dialogs: ["floatingips:action.allocate"] },
  { name: "floating ip", path: `floating-ips/${fip}` },
  { name: "floating ip way", path: `floating-ips/${fip}?part=way` },
  { name: "floating ip history", path: `floating-ips/${fip}?part=history` },
  { name: "topology", path: "topology" },
  { name: "networks", path: "networks", dialogs: ["networks:create"] },
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
      await login(page, admin, "/console/overview", language);
      const problems = [];
      for (const { name, path, dialogs = [] } of pages) {
        await go(page, path, reload);
        await settled(page);
        problems.push(...(await check(page, `${look} ${name}`, language, axe)));
        for (const key of dialogs) {
          await button(page, text(language, key)).first().click();
          await dialog(page).getByRole("heading").first().waitFor();
          await page.waitForFunction(() => !document.querySelector("[role=dialog] .pf-v6-c-skeleton"));
          problems.push(...(await check(page, `${look} ${name} ${key.replace(/.*[:.]/, "")}`, language, axe)));
          await page.keyboard.press("Escape");
          await dialog(page).waitFor({ state: "detached" });
        }
      }
      assert.deepEqual(problems, []);
    },
  );
