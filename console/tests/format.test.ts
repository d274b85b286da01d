// Numbers and times as people read them.
import { expect, it } from "vitest";

import { bitRate, bytes, clockTime, dateTime } from "../src/ui/format";

it.each([
  [0, "0 bit/s"],
  [999, "999 bit/s"],
  [999.6, "1.00 kbit/s"],
  [9_996, "10.0 kbit/s"],
  [99_960, "100 kbit/s"],
  [999_900, "1.00 Mbit/s"],
  [1_234_567, "1.23 Mbit/s"],
  [5e15, "5000 Tbit/s"],
])("%d bits per second are %s", (value, text) => expect(bitRate(value)).toBe(text));

it("counts bytes in steps of 1000", () => expect(bytes(1024)).toBe("1.02 kB"));

it("takes a time without a zone for UTC, as the API means it", () => {
  const of = (iso: string) => dateTime(iso, "en");
  expect(of("2026-11-22T08:00:00")).toBe(of("2026-11-22T08:00:00Z"));
  expect(of("2026-11-22T17:00:00+09:00")).toBe(of("2026-11-22T08:00:00Z"));
  expect(of("never")).toBe("never");
});

it("tells the time of the day to the millisecond", () => {
  const of = (iso: string) => clockTime(iso, "en");
  expect(of("2026-11-22T08:00:00.123456")).toBe(of("2026-11-22T08:00:00.123Z"));
  expect(of("2026-11-22T08:00:00.123Z")).toMatch(/^\d\d:00:00\.123$/);
  expect(of("never")).toBe("never");
});
