// Text fields with one thing on each line: ranges of addresses, routes, addresses. Pure.
import type { AddressRange, Route } from "../api/types";
import { isIp, isPrefix } from "./ip";

// What a line is: undefined when it is wrong.
type Reader<T> = (line: string) => T | undefined;

export interface Lines<T> {
  items: T[];
  wrong?: number; // the first line that is none, counted from 1
}

export function readLines<T>(text: string, read: Reader<T>): Lines<T> {
  const items: T[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const item = read(line.trim());
    if (item === undefined) return { items, wrong: index + 1 };
    items.push(item);
  }
  return { items };
}

function pair(line: string): [string, string] | undefined {
  const [first, second, ...rest] = line.split(/\s*[,\s]\s*/);
  return first && second && rest.length === 0 ? [first, second] : undefined;
}

export const readAddress: Reader<string> = (line) => (isIp(line) ? line : undefined);

export const readRange: Reader<AddressRange> = (line) => {
  const [start, end] = pair(line) ?? [];
  return start && end && isIp(start) && isIp(end) ? { start, end } : undefined;
};

export const readRoute: Reader<Route> = (line) => {
  const [destination, nexthop] = pair(line) ?? [];
  return destination && nexthop && isPrefix(destination) && isIp(nexthop) ? { destination, nexthop } : undefined;
};

export const printRanges = (ranges: readonly AddressRange[]): string =>
  ranges.map(({ start, end }) => `${start},${end}`).join("\n");

export const printRoutes = (routes: readonly Route[]): string =>
  routes.map(({ destination, nexthop }) => `${destination},${nexthop}`).join("\n");
