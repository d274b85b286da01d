// The console's texts in each language, as its sources have them.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../../console/src/i18n/", import.meta.url);

export const languages = { en: "English", ko: "한국어", zh: "简体中文" };

// text("ko", "common:login.title")
export function text(language, key) {
  const [area, path] = key.split(":");
  const all = JSON.parse(readFileSync(new URL(`${language}/${area}.json`, folder), "utf8"));
  return path.split(".").reduce((at, name) => at[name], all);
}

function* leaves(value) {
  if (typeof value === "string") yield value;
  else for (const inner of Object.values(value)) yield* leaves(inner);
}

const areas = readdirSync(new URL("en/", folder));
const all = (language) =>
  areas.flatMap((area) => [...leaves(JSON.parse(readFileSync(new URL(`${language}/${area}`, folder), "utf8")))]);

// What a page in another language says in English, to the eye or to a screen reader: texts that have a translation, and
// those that PatternFly brings along.
export async function untranslated(page, language) {
  if (language === "en") return [];
  const same = new Set(all(language));
  const english = all("en").filter((words) => /[a-z]{3}/.test(words) && !words.includes("{{") && !same.has(words));
  const said = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode.data.trim());
    const named = ["aria-label", "title", "placeholder"].flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)].map((element) => element.getAttribute(name)),
    );
    return [...texts, ...named];
  });
  const theirs =
    /\b(alert|Close|Toggle|Search input|Clear|Sort|Select|page|items?|Breadcrumb|Global|menu|Loading|progress)\b/;
  return [...new Set(said)].filter((words) => english.includes(words) || theirs.test(words));
}
