// Reading everything anew when something changed, however often that happens: one reading at a time, each to its end,
// and between two of them as long a rest as the last one took.

const shortestRestMs = 500;
const longestRestMs = 10_000;

export interface Reread {
  ask: () => void;
  stop: () => void;
}

export function rereader(read: () => Promise<unknown>): Reread {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  let again = false; // something changed while it was read: what was read may be older
  let stopped = false;
  let restMs = shortestRestMs;

  const plan = () => {
    if (!stopped) timer ??= setTimeout(() => void run(), restMs);
  };
  const run = async () => {
    timer = undefined;
    again = false;
    reading = true;
    const began = performance.now();
    await read().catch(() => undefined); // each query tells its own failure
    restMs = Math.min(Math.max(performance.now() - began, shortestRestMs), longestRestMs);
    reading = false;
    if (again) plan();
  };
  return {
    ask: () => {
      if (reading) again = true;
      else plan();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
