// The way in and the way out: log-in, the cookie, roles and projects, language and colours.
import assert from "node:assert/strict";

import { checkAxe, picture, see } from "./lib/browser.mjs";
import { admin, api, buoyDo, makeUser, password, tokenOf } from "./lib/buoy.mjs";
import { button, choose, heading, login, menu } from "./lib/person.mjs";
import { languages, text } from "./lib/texts.mjs";

const cookieOf = async (context) => (await context.cookies()).find(({ name }) => name === "buoy_session");
const session = /\/console\/api\/session$/;

see("a wrong password is said, and the name stays", {}, async ({ page, guard }) => {
  guard.mayFail(session);
  await page.goto("/");
  await button(page, "Log in").waitFor();
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("Password").fill("guess");
  await page.keyboard.press("Enter");
  await page.getByText("User name or password is wrong.").waitFor();
  await checkAxe(page, "log-in, refused");
  assert.equal(await page.getByLabel("User name").inputValue(), "admin");
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  await page.getByLabel("Password").fill(admin.password);
  await page.keyboard.press("Enter");
  await heading(page, "Overview").waitFor();
});

see(
  "the session is in a cookie that no script sees, and no other site can use",
  {},
  async ({ page, context, guard }) => {
    await login(page);
    const { httpOnly, sameSite, path, value } = await cookieOf(context);
    assert.deepEqual({ httpOnly, sameSite, path }, { httpOnly: true, sameSite: "Strict", path: "/" });
    assert.equal(await page.evaluate(() => document.cookie), "");
    assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).includes(value));
    guard.mayFail(/floatingips$/);
    const status = await page.evaluate(async () => (await fetch("/v2.0/floatingips")).status);
    assert.equal(status, 401, "a request as a form of another site could send it");
  },
);

see(
  "log out: the cookie is gone, its token is worth nothing, and back shows nothing",
  {},
  async ({ page, context }) => {
    await login(page);
    await menu(page, "Network", "Routers");
    const { value } = await cookieOf(context);
    await api("GET", "/v2.0/routers", { token: value, expect: 200 });
    await choose(page, "User: admin", "Log out");
    await button(page, "Log in").waitFor();
    assert.equal(await cookieOf(context), undefined);
    await api("GET", "/v2.0/routers", { token: value, expect: 401 });
    await page.goBack();
    await button(page, "Log in").waitFor();
    assert.equal(await page.getByRole("navigation").count(), 0);
    await page.reload();
    await button(page, "Log in").waitFor();
  },
);

see("a session that ends says so, and the way leads back to the same page", {}, async ({ page, context, guard }) => {
  await login(page, admin, "/console/access-and-security/floating-ips");
  const { value } = await cookieOf(context);
  const token = await tokenOf(admin);
  guard.mayFail(/./);
  await menu(page, "Network", "Routers");
  await heading(page, "Routers").waitFor();
  await api("DELETE", "/identity/v3/auth/tokens", {
    token,
    headers: { "X-Subject-Token": value },
  });
  await menu(page, "Network", "Routers");
  await page.getByText("Your session has ended. Log in again.").waitFor({ timeout: 30000 }); // the live stream tells
  await page.getByLabel("User name").fill(admin.username);
  await page.getByLabel("Password").fill(admin.password);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Routers" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/console/routers");
});

see("who comes by an address lands there after the log-in", {}, async ({ page }) => {
  await login(page, admin, "/console/topology");
  assert.equal(new URL(page.url()).pathname, "/console/topology");
});

see("three languages, chosen and kept", {}, async ({ page }) => {
  await page.goto("/");
  let current = "en";
  for (const [language, name] of Object.entries(languages)) {
    await button(page, text(current, "common:shell.language").replace("{{language}}", languages[current])).click();
    await page.getByRole("menuitem", { name }).click();
    await button(page, text(language, "common:login.submit")).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), language === "zh" ? "zh-Hans" : language);
    await picture(page, `login ${language}`);
    await checkAxe(page, `log-in, ${language}`);
    await page.reload();
    await button(page, text(language, "common:login.submit")).waitFor();
    current = language;
  }
});

for (const [locale, language] of [
  ["ko-KR", "ko"],
  ["zh-CN", "zh"],
  ["fr-FR", "en"],
])
  see(`a browser that asks for ${locale} gets ${languages[language]}`, { locale }, async ({ page }) => {
    await page.goto("/");
    await button(page, text(language, "common:login.submit")).waitFor();
  });

see("dark as the system is, light as it was chosen", { colorScheme: "dark" }, async ({ page }) => {
  const dark = () => page.evaluate(() => document.documentElement.classList.contains("pf-v6-theme-dark"));
  await page.goto("/");
  await button(page, "Light colours").waitFor();
  assert.equal(await dark(), true);
  await picture(page, "login dark");
  await checkAxe(page, "log-in, dark");
  await button(page, "Light colours").click();
  assert.equal(await dark(), false);
  await page.reload();
  await button(page, "Dark colours").waitFor();
  assert.equal(await dark(), false);
});

see("a member sees no admin pages, and changes the project", {}, async ({ page }) => {
  const user = await makeUser("mia", "red", "member");
  await buoyDo("project", "create", "blue");
  await buoyDo("role", "add", "member", "--user", "mia", "--project", "blue");
  await login(page, user);
  assert.equal(await page.getByRole("link", { name: "Users" }).count(), 0);
  const [from, to] = (await page.getByRole("button", { name: "Project: blue" }).count())
    ? ["blue", "red"]
    : ["red", "blue"];
  await choose(page, `Project: ${from}`, to);
  await button(page, `Project: ${to}`).waitFor();
  await heading(page, "Overview").waitFor();
  await page.reload();
  await button(page, `Project: ${to}`).waitFor();
});

see("who has no project is told whom to ask", {}, async ({ page }) => {
  await buoyDo("user", "create", "nobody", "--password", password);
  await login(page, { username: "nobody", password });
  await page.getByText("You have no role in any project. Ask an administrator for one.").waitFor();
  await checkAxe(page, "no project");
});
