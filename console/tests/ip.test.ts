import { describe, expect, it } from "vitest";

import { contains, isIp, isPrefix } from "../src/ui/ip";

describe("addresses", () => {
  it.each(["10.10.10.3", "0.0.0.0", "::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8"])("takes %s", (text) => {
    expect(isIp(text)).toBe(true);
  });
  it.each(["", "10.10.10", "10.10.10.256", "010.1.1.1", "1:2:3", ":::", "1::2::3", "1:2:3:4:5:6:7:8:9", "g::"])(
    "refuses %s",
    (text) => {
      expect(isIp(text)).toBe(false);
    },
  );
  it("knows prefixes", () => {
    expect(isPrefix("172.16.1.0/24")).toBe(true);
    expect(isPrefix("172.16.1.0/33")).toBe(false);
    expect(isPrefix("172.16.1.0")).toBe(false);
    expect(contains("172.16.1.0/24", "172.16.1.200")).toBe(true);
    expect(contains("172.16.1.0/24", "172.16.2.1")).toBe(false);
    expect(contains("0.0.0.0/0", "8.8.8.8")).toBe(true);
    expect(contains("2001:db8::/32", "2001:db8:ffff::1")).toBe(true);
    expect(contains("2001:db8::/32", "10.0.0.1")).toBe(false);
  });
});
