// What buoyd tells by itself (server-sent events, read with fetch so that the request can carry its header): rates of
// floating IPs, and that something changed.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";

import { consoleHeaders, tellSignedOut } from "./client";
import { useSession } from "./session";

export interface Rates {
  inPps: number;
  inBps: number;
  outPps: number;
  outBps: number;
}

export interface ServerEvent {
  event: string;
  data: string;
}

// Cuts a stream of text into events (HTML standard, 9.2.6). Give it chunks as they come.
export function eventReader(onEvent: (event: ServerEvent) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const blocks = (rest + chunk).replace(/\r\n?/g, "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      let event = "message";
      const data: string[] = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("event:")) event = line.slice(6).trim();
        if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
      }
      if (data.length > 0) onEvent({ event, data: data.join("\n") });
    }
  };
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

  setState(state: RateStore["state"]): void {
    this.state = state;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const Context = createContext<RateStore>(new RateStore());

const firstRetryMs = 1000;
const lastRetryMs = 30000;
const refetchMs = 500;

async function readStream(response: Response, onEvent: (event: ServerEvent) => void): Promise<void> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const read = eventReader(onEvent);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    read(value);
  }
}

// Keeps one stream open while somebody is logged in, and comes back after a break, ever more slowly.
export function LiveProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const queries = useQueryClient();
  const [store] = useState(() => new RateStore());
  const projectId = session.project?.id;
  const scope = `${session.user.id} ${projectId ?? ""}`;

  useEffect(() => {
    if (!projectId) return; // nobody is told anything without a project
    const abort = new AbortController();
    let retryMs = firstRetryMs;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let refetch: ReturnType<typeof setTimeout> | undefined;

    const onEvent = ({ event, data }: ServerEvent) => {
      retryMs = firstRetryMs;
      if (event === "traffic") {
        store.take(
          (JSON.parse(data) as { floatingips: Record<string, [number, number, number, number]> }).floatingips,
        );
      } else if (event === "change" && refetch === undefined) {
        refetch = setTimeout(() => {
          refetch = undefined;
          void queries.invalidateQueries();
        }, refetchMs);
      }
    };
    const open = async () => {
      try {
        const response = await fetch("/v2.0/buoy/live", {
          headers: { ...consoleHeaders, Accept: "text/event-stream" },
          credentials: "same-origin",
          signal: abort.signal,
        });
        if (response.status === 401) tellSignedOut();
        if (response.ok) {
          store.setState("live");
          await readStream(response, onEvent);
        }
      } catch {
        // Whatever ended it, the next attempt tells more.
      }
      if (abort.signal.aborted) return;
      store.setState("lost");
      timer = setTimeout(() => void open(), retryMs);
      retryMs = Math.min(retryMs * 2, lastRetryMs);
    };
    void open();
    return () => {
      abort.abort();
      clearTimeout(timer);
      clearTimeout(refetch);
    };
  }, [store, queries, scope, projectId]);

  const value = useMemo(() => store, [store]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
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
