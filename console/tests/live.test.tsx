// What comes live: how often everything is read anew, and what happens when the server hangs up.
import { useQuery } from "@tanstack/react-query";
import { act, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { useLiveState, useRates } from "../src/api/live";
import { rereader } from "../src/api/reread";
import { FakeApi } from "./fake-api";
import { renderPage } from "./render";

describe("changes", () => {
  afterEach(() => void vi.useRealTimers());

  // What reads takes `tookMs`; how often it was begun, and ended.
  function reading(tookMs: number) {
    vi.useFakeTimers();
    const seen = { begun: 0, ended: 0 };
    const reread = rereader(async () => {
      seen.begun++;
      await new Promise((done) => setTimeout(done, tookMs));
      seen.ended++;
    });
    return { seen, reread };
  }

  it("that come together are read once", async () => {
    const { seen, reread } = reading(10);
    for (let i = 0; i < 50; i++) reread.ask();
    await vi.advanceTimersByTimeAsync(5000);
    expect(seen).toEqual({ begun: 1, ended: 1 });
  });

  it("that come each second let a slow reading end, and leave the server rests", async () => {
    const { seen, reread } = reading(3000);
    for (let second = 0; second < 60; second++) {
      reread.ask();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(seen.begun).toBeGreaterThanOrEqual(9);
    expect(seen.begun).toBeLessThanOrEqual(11);
    expect(seen.begun - seen.ended).toBeLessThanOrEqual(1);
  });

  it("that come while it is read are read after it, and none once it is stopped", async () => {
    const { seen, reread } = reading(1000);
    reread.ask();
    await vi.advanceTimersByTimeAsync(700);
    reread.ask();
    await vi.advanceTimersByTimeAsync(5000);
    expect(seen.begun).toBe(2);
    reread.ask();
    reread.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(seen.begun).toBe(2);
  });
});

function Page() {
  const state = useLiveState();
  const rates = useRates("f1");
  useQuery({ queryKey: ["things"], queryFn: () => fetch("/things").then((answer) => answer.json()) });
  return (
    <p>
      {state} {rates?.inPps ?? "none"}
    </p>
  );
}

describe("a server that hangs up", () => {
  it("leaves no old numbers behind, and is asked for what changed meanwhile", async () => {
    const api = new FakeApi().on("GET", "/things", []);
    renderPage(<Page />, "page");
    await screen.findByText("live none");
    act(() => api.tell("traffic", { floatingips: { f1: [7, 8, 9, 10] } }));
    await screen.findByText("live 7");
    expect(api.of("GET", "/things")).toHaveLength(1);
    api.hangUp();
    await screen.findByText("lost none");
    await screen.findByText("live none");
    await waitFor(() => expect(api.of("GET", "/things")).toHaveLength(2));
  });
});

describe("a server that tells", () => {
  it("begins by where it stands, which is nothing new; what it tells then is read", async () => {
    const api = new FakeApi().on("GET", "/things", []);
    renderPage(<Page />, "page");
    await screen.findByText("live none");
    act(() => api.tell("change", { revision: 5 }));
    act(() => api.tell("traffic", { floatingips: { f1: [7, 8, 9, 10] } }));
    await screen.findByText("live 7");
    await new Promise((done) => setTimeout(done, 800)); // longer than changes are gathered
    expect(api.of("GET", "/things")).toHaveLength(1);
    act(() => api.tell("change", { revision: 6 }));
    await waitFor(() => expect(api.of("GET", "/things")).toHaveLength(2), { timeout: 3000 });
  });
});
