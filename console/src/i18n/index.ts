// Three languages, each in files by area: i18n/<language>/<area>.json, the area being the namespace. English comes
// with the first load, the others when they are chosen. A test holds the three against each other.
import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";

export const languages = { en: "English", ko: "한국어", zh: "简体中文" } as const;
export type Language = keyof typeof languages;

type Texts = Record<string, unknown>;

const english = import.meta.glob<Texts>("./en/*.json", { eager: true, import: "default" });
const others = import.meta.glob<Texts>(["./ko/*.json", "./zh/*.json"], { import: "default" });

const areaOf = (path: string) => path.replace(/^.*\/(.*)\.json$/, "$1");
export const areas = Object.keys(english).map(areaOf);

const storageKey = "buoy.language";

export function isLanguage(text: string | null | undefined): text is Language {
  return text != null && Object.hasOwn(languages, text);
}

// What was chosen before, else what the browser prefers, else English.
export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (isLanguage(stored)) return stored;
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0];
    if (isLanguage(base)) return base;
  }
  return "en";
}

async function loadLanguage(target: i18n, language: Language): Promise<void> {
  const files = Object.entries(others).filter(([path]) => path.startsWith(`./${language}/`));
  await Promise.all(
    files.map(async ([path, load]) => target.addResourceBundle(language, areaOf(path), await load(), true, true)),
  );
}

export async function setLanguage(language: Language): Promise<void> {
  await loadLanguage(i18next, language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  localStorage.setItem(storageKey, language);
}

export async function startI18n(): Promise<void> {
  const bundle: Texts = {};
  for (const [path, texts] of Object.entries(english)) bundle[areaOf(path)] = texts;
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    ns: areas,
    defaultNS: "common",
    resources: { en: bundle as Record<string, Texts> },
    interpolation: { escapeValue: false }, // React escapes
    showSupportNotice: false, // the browser's console stays empty
  });
  const language = preferredLanguage(localStorage.getItem(storageKey), navigator.languages);
  if (language !== "en") await setLanguage(language).catch(() => undefined); // English is better than nothing
}
