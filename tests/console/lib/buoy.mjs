// The sandbox's buoyd from outside the browser: the command line as its admin, the API as any user, and packets.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const sandbox = process.env.SANDBOX_DIR ?? "";
const program = join(process.env.SANDBOX_BIN ?? "", "buoy");

export const base = process.env.CONSOLE_URL ?? "http://127.0.0.1:9696";
export const password = "correct horse battery staple";

function openrc() {
  const text = readFileSync(join(sandbox, "openrc"), "utf8");
  return Object.fromEntries([...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

export const admin = { username: "admin", password: openrc().OS_PASSWORD };

// buoy("network", "list"): what it printed, as data.
export async function buoy(...words) {
  const { stdout } = await run(program, [...words, "-f", "json"], {
    env: { ...process.env, ...openrc() },
  });
  return stdout ? JSON.parse(stdout) : null;
}

// The same for commands that print nothing.
export async function buoyDo(...words) {
  await run(program, words, { env: { ...process.env, ...openrc() } });
}

export async function api(method, path, { token, body, expect, headers = {} } = {}) {
  const response = await fetch(base + path, {
    method,
    headers: {
      ...headers,
      "Content-Type": "application/json",
      ...(token && { "X-Auth-Token": token }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (expect ? response.status !== expect : !response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return { headers: response.headers, body: text ? JSON.parse(text) : null };
}

export async function tokenOf({ username, password: secret, project = "admin" }) {
  const domain = { name: "Default" };
  const identity = {
    methods: ["password"],
    password: { user: { name: username, password: secret, domain } },
  };
  const scope = { project: { name: project, domain } };
  const { headers } = await api("POST", "/identity/v3/auth/tokens", {
    body: { auth: { identity, scope } },
  });
  return headers.get("x-subject-token");
}

// A user with one role on one project, which is made when it is not there.
export async function makeUser(username, project, role) {
  await buoyDo("project", "show", project).catch(() => buoyDo("project", "create", project));
  await buoyDo("user", "create", username, "--password", password);
  await buoyDo("role", "add", role, "--user", username, "--project", project);
  return { username, password, project };
}

// What an earlier test left: no floating IP is there any more, and no address rests.
export async function releaseAll() {
  for (const noun of ["fip", "quarantine"]) {
    const list = await buoy(noun, "list");
    if (list.length > 0) await buoyDo(noun, "delete", ...list.map(({ id }) => id));
  }
}

export async function until(what, question, seconds = 15) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((go) => setTimeout(go, 50));
  }
}

// An instance as a network namespace, plugged into its port.
export async function plug(port, space) {
  await run("ip", ["netns", "add", space]);
  await buoyDo("port", "plug", port, "--netns", space);
}

const inside = (space, ...words) => run("ip", ["netns", "exec", space, ...words]);

export async function pings(address, space = "buoy-outside") {
  return inside(space, "ping", "-c", "1", "-W", "1", "-n", address).then(
    () => true,
    () => false,
  );
}

// Echo requests until it is stopped.
export function keepPinging(address, space = "buoy-outside") {
  const child = execFile("ip", ["netns", "exec", space, "ping", "-i", "0.05", "-n", "-q", address]);
  return () => child.kill("SIGINT");
}
