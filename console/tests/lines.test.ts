// Fields with one thing on each line.
import { describe, expect, it } from "vitest";

import { shellWord } from "../src/pages/ports/plug";
import { printRanges, printRoutes, readAddress, readLines, readRange, readRoute } from "../src/ui/lines";

describe("lines", () => {
  it("may be empty, separated by commas or blanks", () => {
    expect(readLines("", readRange)).toEqual({ items: [] });
    expect(readLines("10.0.0.1, 10.0.0.9\n\n  10.0.1.1 10.0.1.9\n", readRange).items).toEqual([
      { start: "10.0.0.1", end: "10.0.0.9" },
      { start: "10.0.1.1", end: "10.0.1.9" },
    ]);
    expect(readLines("9.9.9.9\n2620:fe::fe", readAddress).items).toEqual(["9.9.9.9", "2620:fe::fe"]);
  });
  it("are refused by their number", () => {
    expect(readLines("10.0.0.1,10.0.0.9\n10.0.0.1", readRange).wrong).toBe(2);
    expect(readLines("10.0.0.1,10.0.0.9,10.0.0.10", readRange).wrong).toBe(1);
    expect(readLines("\n\n10.0.0.0,10.0.0.1", readRoute).wrong).toBe(3);
    expect(readLines("one", readAddress).wrong).toBe(1);
  });
  it("are printed as they are read", () => {
    const ranges = [{ start: "10.0.0.1", end: "10.0.0.9" }];
    const routes = [{ destination: "10.0.0.0/8", nexthop: "192.168.7.254" }];
    expect(readLines(printRanges(ranges), readRange).items).toEqual(ranges);
    expect(readLines(printRoutes(routes), readRoute).items).toEqual(routes);
  });
});

describe("a word for the shell", () => {
  it.each([
    ["web1", "web1"],
    ["my server; rm -rf /", "my-server-rm--rf"],
    ["-x", "x"],
    ["$(id)", "id"],
    ["한국", "instance1"],
  ])("%s", (name, word) => expect(shellWord(name)).toBe(word));
});
