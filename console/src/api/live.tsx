// What buoyd tells by itself: rates of floating IPs, and that something changed.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";

import { rereader } from "./reread";
import { useSession } from "./session";
import { listen } from "./stream";

export interface Rates {
  inPps: number;
  inBps: number;
  outPps: number;
  outBps: number;
}

// The newest rates, outside React: a thousand rows listen, and only those whose numbers change draw anew.
export class RateStore {
  private rates = new Map<string, Rates>();
  private listeners = new Set<() => void>();
  state: "connecting" | "live" | "lost" = "connecting";

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get(id: string): Rates | undefined {
    return this.rates.get(id);
  }

  // {"<id>": [in_pps, in_bps, out_pps, out_bps]}; what is not named is at rest.
  take(fresh: Record<string, [number, number, number, number]>): void {
    const next = new Map<string, Rates>();
    for (const [id, [inPps, inBps, outPps, outBps]] of Object.entries(fresh)) {
      const was = this.rates.get(id);
      const same =
        was && was.inPps === inPps && was.inBps === inBps && was.outPps === outPps && was.outBps === outBps;
      next.set(id, same ? was : { inPps, inBps, outPps, outBps });
    }
    this.rates = next;
    this.tell();
  }

  // Numbers that nobody renews are none.
  setState(state: RateStore["state"]): void {
    this.state = state;
    if (state === "lost") this.rates = new Map();
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const Context = createContext<RateStore>(new RateStore());

const firstRetryMs = 1000;
const lastRetryMs = 30000;

type Traffic = Record<string, [number, number, number, number]>;

interface Listening {
  store: RateStore;
  onChange: () => void; // something in the project is not as it was
  signal: AbortSignal;
}

// Hears one stream to its end. `onOpen`: the server tells.
function hear({ store, onChange, signal }: Listening, onOpen: () => void): Promise<void> {
  let told = false; // the first one tells where the stream begins
  return listen("/v2.0/buoy/live", signal, onOpen, ({ event, data }) => {
    if (event === "traffic") store.take((JSON.parse(data) as { floatingips: Traffic }).floatingips);
    if (event !== "change") return;
    if (told) onChange();
    told = true;
  });
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => clearTimeout(timer));
  });

// Listens until it is told to stop, and comes back after a break, ever more slowly.
async function keepListening(to: Listening): Promise<void> {
  let retryMs = firstRetryMs;
  for (let missed = false; !to.signal.aborted; missed = true) {
    try {
      await hear(to, () => {
        retryMs = firstRetryMs;
        to.store.setState("live");
        if (missed) to.onChange(); // nobody told what changed during the break
      });
    } catch {
      // Whatever ended it, the next attempt tells more.
    }
    if (to.signal.aborted) return;
    to.store.setState("lost");
    await pause(retryMs, to.signal);
    retryMs = Math.min(retryMs * 2, lastRetryMs);
  }
}

// Keeps one stream open while somebody is logged in.
export function LiveProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const queries = useQueryClient();
  const [store] = useState(() => new RateStore());
  const projectId = session.project?.id;
  const scope = `${session.user.id} ${projectId ?? ""}`;

  useEffect(() => {
    if (!projectId) return; // nobody is told anything without a project
    const abort = new AbortController();
    // A page that nobody looks at reads when somebody does.
    const reread = rereader(() => queries.invalidateQueries({ refetchType: document.hidden ? "none" : "active" }));
    void keepListening({ store, onChange: reread.ask, signal: abort.signal });
    return () => {
      abort.abort();
      reread.stop();
      store.take({});
    };
  }, [store, queries, scope, projectId]);

  return <Context.Provider value={store}>{children}</Context.Provider>;
}

// The rates of one floating IP; undefined: at rest.
export function useRates(id: string): Rates | undefined {
  const store = useContext(Context);
  return useSyncExternalStore(store.subscribe, () => store.get(id));
}

export function useLiveState(): RateStore["state"] {
  const store = useContext(Context);
  return useSyncExternalStore(store.subscribe, () => store.state);
}
