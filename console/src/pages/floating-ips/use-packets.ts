// The packets of a floating IP as the node sees them: a stream that is open only while somebody watches.
import { useCallback, useEffect, useState } from "react";

import { listen, type ServerEvent } from "../../api/stream";
import type { SeenPacket } from "../../api/types";

export interface Watched {
  state: "off" | "opening" | "watching" | "ended"; // ended: by the server
  packets: readonly (SeenPacket & { key: number })[]; // the newest first
  error: unknown;
  start: () => void;
  stop: () => void;
}

export const mostPackets = 50;

export function usePackets(id: string): Watched {
  const [state, setState] = useState<Watched["state"]>("off");
  const [packets, setPackets] = useState<Watched["packets"]>([]);
  const [error, setError] = useState<unknown>(null);
  const on = state === "opening" || state === "watching";

  useEffect(() => {
    if (!on) return;
    const abort = new AbortController();
    let count = 0;
    const take = ({ event, data }: ServerEvent) => {
      if (event !== "packet") return;
      const packet = { ...(JSON.parse(data) as SeenPacket), key: ++count };
      setPackets((was) => [packet, ...was.slice(0, mostPackets - 1)]);
    };
    const end = (next: Watched["state"], problem: unknown) => {
      if (abort.signal.aborted) return; // nobody watches any more
      setState(next);
      setError(problem);
    };
    listen(`/v2.0/floatingips/${id}/packets`, abort.signal, () => setState("watching"), take).then(
      () => end("ended", null),
      (problem: unknown) => end("off", problem),
    );
    return () => abort.abort();
  }, [on, id]);

  const start = useCallback(() => {
    setPackets([]);
    setError(null);
    setState("opening");
  }, []);
  const stop = useCallback(() => setState("off"), []);
  return { state, packets, error, start, stop };
}
