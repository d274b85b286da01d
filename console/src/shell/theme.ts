// Light or dark: what was chosen, else what the system prefers.
import { useCallback, useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const storageKey = "buoy.theme";
const darkClass = "pf-v6-theme-dark";
const listeners = new Set<() => void>();
const system = () => window.matchMedia("(prefers-color-scheme: dark)");

export function storedTheme(): Theme {
  const text = localStorage.getItem(storageKey);
  return text === "light" || text === "dark" ? text : "system";
}

export function isDark(): boolean {
  const theme = storedTheme();
  return theme === "system" ? system().matches : theme === "dark";
}

function apply(): void {
  document.documentElement.classList.toggle(darkClass, isDark());
  for (const listener of listeners) listener();
}

export function startTheme(): void {
  apply();
  system().addEventListener("change", apply);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): { theme: Theme; dark: boolean; setTheme: (theme: Theme) => void } {
  const theme = useSyncExternalStore(subscribe, storedTheme);
  const dark = useSyncExternalStore(subscribe, isDark);
  const setTheme = useCallback((next: Theme) => {
    localStorage.setItem(storageKey, next);
    apply();
  }, []);
  return { theme, dark, setTheme };
}
