// Measures the web console in a real Chromium; bench/run's row "console" calls it and judges.
//
//     bench_console.mjs NODE_MODULES URL USER PASSWORD RUNS
//
// USER sees 1,000 floating IPs in the project that is theirs. Prints one line of JSON: lists of bytes and milliseconds, one
// number for each run (for each key: of each run). Times are taken in the page, and end when the browser has painted.
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, base, username, password, runs] = process.argv.slice(2);
const { chromium } = createRequire(join(modules, "index.js"))("playwright-core");
const quiet =
  "--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update";
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-sync", ...quiet.split(" ")],
});
// Each key of these, typed and taken back, changes what the filter finds among addresses 10.64.0.3 and up.
const words = ["35", "57", "79", "93"];
const out = { files: [], answers: [], login: [], page: [], render: [], keys: [], events: [] };

// What runs in the page: waits for a state of it, and says when that was on the screen.
function instruments() {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
  window.bench = {
    // When `selector` was painted, and nothing kept the page from answering any more.
    async ready(selector) {
      while (!document.querySelector(selector)) await painted();
      const seen = await painted();
      const busy = performance.getEntriesByType("longtask").map((task) => task.startTime + task.duration);
      return Math.max(seen, ...window.bench.longTasks, ...busy);
    },
    // From the next event of that type to the paint in which `selector` has changed its text; undefined: it did not.
    async change(type, selector) {
      const text = () => document.querySelector(selector)?.textContent;
      const event = await new Promise((done) => window.addEventListener(type, done, { capture: true, once: true }));
      const before = text();
      while (text() === before) {
        if (performance.now() - event.timeStamp > 3000) return undefined;
        await painted();
      }
      return (await painted()) - event.timeStamp;
    },
    longTasks: [],
    slowEvents: [],
  };
  const watch = (type, list, value, options) =>
    new PerformanceObserver((seen) => list.push(...seen.getEntries().map(value))).observe({ type, ...options });
  watch("longtask", window.bench.longTasks, (task) => task.startTime + task.duration, { buffered: true });
  watch("event", window.bench.slowEvents, (event) => [event.name, event.duration], { durationThreshold: 16 });
}

// Bytes as they came over the wire, headers and all: those of files, and those of answers.
async function meter(page) {
  const devtools = await page.context().newCDPSession(page);
  const paths = new Map();
  const sums = { files: 0, answers: 0 };
  await devtools.send("Network.enable");
  devtools.on("Network.requestWillBeSent", ({ requestId, request }) =>
    paths.set(requestId, new URL(request.url).pathname),
  );
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const path = paths.get(requestId) ?? "";
    sums[path.startsWith("/console/") && !path.startsWith("/console/api/") ? "files" : "answers"] +=
      encodedDataLength;
  });
  return sums;
}

async function freshWindow() {
  const context = await browser.newContext({ baseURL: base, locale: "en", viewport: { width: 1280, height: 800 } });
  await context.addInitScript(instruments);
  return { context, page: await context.newPage() };
}

const ready = (page, selector) => page.evaluate((what) => window.bench.ready(what), selector);
const firstRow = "main tbody tr";
const address = "main tbody a[href*='/floating-ips/']";
const counter = "main .pf-v6-c-pagination";

const link = (page) => page.getByRole("link", { name: "Floating IPs", exact: true }).last();

async function logIn(page) {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await link(page).click();
  await page.locator(firstRow).first().waitFor();
}

// Somebody comes for the first time: log-in page, then the floating IPs.
async function firstLoad() {
  const { context, page } = await freshWindow();
  const sums = await meter(page);
  await page.goto("/console/", { waitUntil: "commit" });
  out.login.push(await ready(page, "#password"));
  await logIn(page);
  await page.waitForLoadState("load");
  await ready(page, address);
  out.files.push(sums.files);
  out.answers.push(sums.answers);
  const state = await context.storageState();
  await context.close();
  return state;
}

// Somebody who is logged in, with nothing in the browser's cache.
async function coldPage(state) {
  const { context, page } = await freshWindow();
  await context.addCookies(state.cookies);
  await page.goto("/console/floating-ips", { waitUntil: "commit" });
  out.page.push(await ready(page, address));
  await context.close();
}

// One measured change: the event's time is the person's, the end is the paint that shows what came of it.
async function measure(page, type, selector, act) {
  const change = page.evaluate(([name, what]) => window.bench.change(name, what), [type, selector]);
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
  await act();
  return change;
}

async function insideThePage(state) {
  const { context, page } = await freshWindow();
  await context.addCookies(state.cookies);
  await page.goto("/console/networks");
  await page.locator(firstRow).first().waitFor();
  out.render.push(await measure(page, "click", address, () => link(page).click()));
  const filter = page.getByRole("textbox", { name: "Filter" });
  await filter.click();
  for (const word of words)
    for (const key of [...word, "Backspace", "Backspace"])
      out.keys.push(await measure(page, "keydown", counter, () => page.keyboard.press(key)));
  const events = await page.evaluate(() => window.bench.slowEvents);
  out.events.push(...events.filter(([name]) => name === "keydown").map(([, duration]) => duration));
  await context.close();
}

for (let run = 0; run < Number(runs); run++) {
  const state = await firstLoad();
  await coldPage(state);
  await insideThePage(state);
}
await browser.close();
console.log(JSON.stringify(out));
