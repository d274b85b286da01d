// What a person does in the console, in words: log in, go through the menu, open a row's actions.
import { admin } from "./buoy.mjs";
import { text } from "./texts.mjs";

export async function login(page, user = admin, path = "/console/", language = "en") {
  await page.goto(path);
  await page.getByLabel(text(language, "common:login.username")).fill(user.username);
  await page.getByLabel(text(language, "common:login.password")).fill(user.password);
  await page.keyboard.press("Enter");
  await page.locator("#main").getByRole("heading", { level: 1 }).waitFor();
}

// menu(page, "Project", "Compute", "Access & Security", "Floating IPs"): the last one below all the others.
export async function menu(page, ...path) {
  let at = page.getByRole("navigation", { name: "Menu" });
  const last = path.pop();
  for (const name of path) at = at.locator("section, li").filter({ hasText: name }).filter({ hasText: last });
  await at.last().getByRole("link", { name: last, exact: true }).click();
}

// The row of a table in which that text stands.
export const row = (page, text) => page.getByRole("row").filter({ hasText: text });

// A button of that row: rowButton(page, "10.10.10.3", "Associate").
export const rowButton = (page, text, name) => button(row(page, text), `${name}: ${text}`);

export const dialog = (page) => page.getByRole("dialog");
export const button = (where, name) => where.getByRole("button", { name, exact: true });
export const heading = (page, name) => page.getByRole("heading", { level: 1, name });

// Opens a menu of the masthead and takes one of its entries.
export async function choose(page, label, entry) {
  await button(page, label).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
}
