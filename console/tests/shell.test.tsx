// What surrounds pages: when they can not be fetched, and what the bar on top does.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { lazy } from "react";
import { Link, MemoryRouter, Route, Routes } from "react-router-dom";
import { afterEach, describe, expect, it, vi } from "vitest";

import { request } from "../src/api/client";
import { SessionProvider, useSessionContext } from "../src/api/session";
import { Layout } from "../src/shell/layout";
import { Login } from "../src/shell/login";
import { FakeApi, refusal, someSession } from "./fake-api";
import { expectAccessible } from "./render";

const Lost = lazy(() => Promise.reject(new Error("Failed to fetch dynamically imported module")));

function Gate() {
  const { session } = useSessionContext();
  if (session === undefined) return null;
  if (session === null) return <Login />;
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route path="lost" element={<Lost />} />
        <Route path="other" element={<Chosen />} />
      </Route>
    </Routes>
  );
}

function Chosen() {
  return (
    <>
      <h1>Other page</h1>
      <input aria-label="Chosen" />
      <Link to="/lost">Go</Link>
    </>
  );
}

function draw(at: string) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SessionProvider>
        <MemoryRouter initialEntries={[at]} future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
          <Gate />
        </MemoryRouter>
      </SessionProvider>
    </QueryClientProvider>,
  );
  return userEvent.setup({ delay: null });
}

const projects = [
  { id: "p1", name: "demo" },
  { id: "p2", name: "second" },
];

async function chooseProject(user: ReturnType<typeof draw>, name: string) {
  await user.click(await screen.findByRole("button", { name: "Project: demo" }));
  await user.click(await screen.findByRole("menuitem", { name }));
}

describe("a page that can not be fetched", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("says so in its place, and the others are as they were", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined); // React says it, too
    new FakeApi();
    draw("/lost");
    expect(await screen.findByRole("heading", { name: "This page can not be shown" })).toBeDefined();
    expect(screen.getByRole("button", { name: "Reload" })).toBeDefined();
    await expectAccessible();
    expect(screen.getByRole("navigation", { name: "Menu", hidden: true })).toBeDefined();
  });
});

describe("the project", () => {
  it("that is chosen begins with fresh pages", async () => {
    const api = new FakeApi({ projects });
    api.on("PUT", "/console/api/session", { ...someSession, projects, project: projects[1] });
    const user = draw("/other");
    await user.type(await screen.findByRole("textbox", { name: "Chosen" }), "of demo");
    await chooseProject(user, "second");
    await screen.findByRole("button", { name: "Project: second" });
    expect(screen.getByRole("textbox", { name: "Chosen" })).toHaveProperty("value", "");
  });

  it("stays when the server refuses, which is told", async () => {
    const api = new FakeApi({ projects });
    api.on("PUT", "/console/api/session", refusal(403, "Forbidden", "You have no role there."));
    const user = draw("/other");
    await chooseProject(user, "second");
    expect(await screen.findByText("The project was not changed: You have no role there.")).toBeDefined();
    expect(screen.getByRole("button", { name: "Project: demo" })).toBeDefined();
  });

  it("is not lost by an answer that the last session gets late", async () => {
    const api = new FakeApi({ projects });
    let answer = () => undefined as void;
    vi.stubGlobal("fetch", hold(globalThis.fetch, "/late", new Promise<void>((done) => (answer = done))));
    api.on("PUT", "/console/api/session", { ...someSession, projects, project: projects[1] });
    const user = draw("/other");
    await screen.findByRole("heading", { name: "Other page" });
    const late = request("GET", "/late").catch((error: Error) => error.message);
    await chooseProject(user, "second");
    await screen.findByRole("button", { name: "Project: second" });
    answer();
    expect(await late).toMatch(/401/);
    expect(screen.getByRole("heading", { name: "Other page" })).toBeDefined();
  });
});

// The same fetch, but that path is refused as to somebody who is not logged in, when `until` is over.
function hold(fetched: typeof fetch, path: string, until: Promise<void>): typeof fetch {
  return async (input, init) => {
    if (input !== path) return fetched(input, init);
    await until;
    return new Response(null, { status: 401, statusText: "Unauthorized" });
  };
}

describe("the log-out", () => {
  it("that fails is told: the session goes on", async () => {
    new FakeApi().on("DELETE", "/console/api/session", () => new TypeError("Failed to fetch"));
    const user = draw("/other");
    await user.click(await screen.findByRole("button", { name: "User: cloudman" }));
    await user.click(await screen.findByRole("menuitem", { name: "Log out" }));
    expect(await screen.findByText(/You are still logged in/)).toBeDefined();
    expect(screen.getByRole("heading", { name: "Other page" })).toBeDefined();
  });
});
