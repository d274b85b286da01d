// The console's texts in each language, as its sources have them.
import { readFileSync } from "node:fs";

const folder = new URL("../../../console/src/i18n/", import.meta.url);

export const languages = { en: "English", ko: "한국어", zh: "简体中文" };

// text("ko", "common:login.title")
export function text(language, key) {
  const [area, path] = key.split(":");
  const all = JSON.parse(readFileSync(new URL(`${language}/${area}.json`, folder), "utf8"));
  return path.split(".").reduce((at, name) => at[name], all);
}
