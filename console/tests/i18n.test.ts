// The three languages say the same things, and every key that the sources use is there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { areas, preferredLanguage } from "../src/i18n";

const root = join(__dirname, "../src");

function texts(language: string, area: string): Record<string, string> {
  const out: Record<string, string> = {};
  const walk = (value: unknown, path: string) => {
    if (typeof value === "string") out[path] = value;
    else for (const [key, inner] of Object.entries(value as object)) walk(inner, path ? `${path}.${key}` : key);
  };
  walk(JSON.parse(readFileSync(join(root, "i18n", language, `${area}.json`), "utf8")), "");
  return out;
}

const holes = (text: string) => [...text.matchAll(/{{\s*(\w+)/g)].map((match) => match[1]).sort();

// "count" may be spelt out: item_one, item_other.
const base = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

describe.each(areas)("%s", (area) => {
  const english = texts("en", area);
  it.each(["ko", "zh"])("is whole in %s", (language) => {
    const other = texts(language, area);
    expect([...new Set(Object.keys(other).map(base))].sort()).toEqual(
      [...new Set(Object.keys(english).map(base))].sort(),
    );
    for (const [key, text] of Object.entries(other)) {
      const model = english[key] ?? english[`${base(key)}_other`] ?? "";
      expect(holes(text), `${language}/${area}: ${key}`).toEqual(holes(model));
      expect(text.trim(), `${language}/${area}: ${key}`).not.toBe("");
    }
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

describe("keys in the sources", () => {
  const known = new Map(areas.map((area) => [area, new Set(Object.keys(texts("en", area)).map(base))]));
  it.each(sources(root).map((path) => [path.slice(root.length + 1), path]))("%s", (_name, path) => {
    const text = readFileSync(path, "utf8");
    const own = /useTranslation\(\s*"(\w+)"/.exec(text)?.[1] ?? "common";
    for (const match of text.matchAll(/\bt\(\s*"([^"]+)"/g)) {
      const [area, key] = match[1]!.includes(":") ? (match[1]!.split(":") as [string, string]) : [own, match[1]!];
      expect(known.get(area)?.has(key), `${area}:${key}`).toBe(true);
    }
  });
});

// What sources name a key by: all of it, or its fixed beginning (`action.${key}`), or its last part in a table.
describe("texts", () => {
  const all = sources(root)
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const quoted = new Set([...all.matchAll(/"([\w.:-]+)"/g)].map((match) => match[1]!.replace(/^\w+:/, "")));
  const begun = [...all.matchAll(/`(?:\w+:)?([\w.-]+\.)\$\{/g)].map((match) => match[1]!);
  const words = new Set(all.match(/[\w-]+/g));
  const used = (key: string) =>
    quoted.has(key) ||
    begun.some((start) => key.startsWith(start) && key.split(".").every((part) => words.has(part)));
  it.each(areas)("of %s are all used", (area) => {
    expect([...new Set(Object.keys(texts("en", area)).map(base))].filter((key) => !used(key))).toEqual([]);
  });
});

describe("the language", () => {
  it("is what was chosen, then what the browser wants", () => {
    expect(preferredLanguage("ko", ["zh-CN"])).toBe("ko");
    expect(preferredLanguage(null, ["fr", "zh-CN"])).toBe("zh");
    expect(preferredLanguage("xx", ["fr"])).toBe("en");
  });
});
