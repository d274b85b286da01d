// The time that pages of the network API are looked at: now, or a time in the past. It stays while one goes from page
// to page; only what stands below an AsOfPages asks for it.
import { createContext, useContext, useSyncExternalStore } from "react";

let time: string | null = null; // RFC 3339; null: now
const listeners = new Set<() => void>();

export function setAsOf(next: string | null): void {
  time = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// What has been chosen.
export const useChosenTime = (): string | null => useSyncExternalStore(subscribe, () => time);

export const AsOfContext = createContext<string | null>(null);

// What is to be asked for here.
export const useAsOf = (): string | null => useContext(AsOfContext);
