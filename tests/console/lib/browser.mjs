// A real Chromium, and what holds for every page in it: an empty console, no violation of the Content-Security-Policy,
// no request to anybody else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";

import { base } from "./buoy.mjs";

const modules = createRequire(join(process.env.CONSOLE_MODULES, "index.js"));
const { chromium } = modules("playwright-core");
const axeSource = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");

const quiet =
  "--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", ...quiet.split(" ")],
});
after(() => browser.close());

// No exception: nothing but ourselves, nothing inline. What is wrong with such a header.
export function policyProblems(header) {
  if (!header) return ["no Content-Security-Policy"];
  const policy = Object.fromEntries(
    header.split(";").map((part) => {
      const [name, ...sources] = part.trim().split(/\s+/);
      return [name, sources];
    }),
  );
  const closed = ["default-src", "base-uri", "form-action", "frame-ancestors"].filter(
    (name) => policy[name]?.join() !== "'none'",
  );
  const open = Object.values(policy)
    .flat()
    .filter((source) => !["'self'", "'none'"].includes(source));
  return [...closed.map((name) => `policy: ${name} is open`), ...open.map((source) => `policy: ${source}`)];
}

// What went wrong in a page without anybody asking for it.
class Guard {
  problems = [];
  allowed = [];

  // Requests whose URL matches may fail: the test makes them fail.
  mayFail(pattern) {
    this.allowed.push(pattern);
  }

  #expects(url) {
    return this.allowed.some((pattern) => pattern.test(url));
  }

  async watch(context) {
    await context.exposeBinding("tellViolation", (_source, text) => this.problems.push(`policy: ${text}`));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        void window.tellViolation(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    context.on("console", (message) => {
      const { url } = message.location();
      if (message.text().startsWith("Failed to load resource") && this.#expects(url)) return;
      this.problems.push(`console: ${message.type()}: ${message.text()} (${url})`);
    });
    context.on("weberror", (error) => this.problems.push(`script: ${error.error().stack}`));
    context.on("request", (request) => {
      if (new URL(request.url()).origin !== base) this.problems.push(`elsewhere: ${request.url()}`);
    });
    context.on("response", (response) => {
      if (response.request().resourceType() !== "document" || response.status() >= 300) return;
      this.problems.push(...policyProblems(response.headers()["content-security-policy"]));
    });
  }
}

const fileName = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-");

// The page as it looks, kept for whoever wants to see it.
export async function picture(page, name, options = {}) {
  await page.screenshot({
    path: join(process.env.CONSOLE_PICTURES, `${fileName(name)}.png`),
    ...options,
  });
}

// Finds nothing, in the colours that the page shows.
export async function checkAxe(page, where) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      resultTypes: ["violations"],
    });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`);
  });
  assert.deepEqual(found, [], `axe: ${where}`);
}

// No page is wider than the screen.
export async function checkWidth(page, where) {
  const [html, main] = await page.evaluate(() =>
    [document.documentElement, document.querySelector("main")].map((element) =>
      element ? element.scrollWidth - element.clientWidth : 0,
    ),
  );
  assert.ok(html <= 0 && main <= 0, `${where} scrolls sideways, by ${html} and ${main}`);
}

const settings = {
  baseURL: base,
  locale: "en-GB",
  viewport: { width: 1280, height: 800 },
  reducedMotion: "reduce",
};

// Counts what a person clicks, from now on: `clicks()`.
export async function countClicks(page) {
  await page.evaluate(() => {
    window.clicks = 0;
    window.addEventListener("click", (event) => event.isTrusted && event.detail > 0 && window.clicks++, true);
  });
  return () => page.evaluate(() => window.clicks);
}

// A test with a browser window of its own; `options` are those of a browser context.
// `patience`: milliseconds, for one that looks at much.
export function see(name, { patience = 60000, ...options }, body) {
  test(name, { timeout: patience }, async () => {
    const context = await browser.newContext({ ...settings, ...options });
    context.setDefaultTimeout(10000);
    const guard = new Guard();
    await guard.watch(context);
    const page = await context.newPage();
    try {
      await body({ page, context, guard });
      assert.deepEqual(guard.problems, [], "what the browser complains about");
    } catch (error) {
      await picture(page, `failed ${name}`).catch(() => undefined);
      if (guard.problems.length > 0) error.message += `\nThe browser complains: ${guard.problems.join("\n")}`;
      throw error;
    } finally {
      await context.close();
    }
  });
}
