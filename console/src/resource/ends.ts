// When something is to end: so long from now, at a certain time, or never. Two fields of a form, and what they say.
import { useTranslation } from "react-i18next";

import type { Field, Values } from "../ui/form-dialog";

const hour = 3600;
const day = 24 * hour;
const spans = { hour, day, week: 7 * day, month: 30 * day } as const;
type Span = keyof typeof spans;
const spanNames = Object.keys(spans) as Span[];
const isSpan = (text: string | undefined): text is Span => spanNames.includes(text as Span);

// `never`: what it means to have no end. `initial`: what is chosen first, "" being never.
export function useEndFields(words: { label: string; never: string; initial?: Span | "" }): Field[] {
  const { t } = useTranslation("life");
  return [
    {
      name: "end",
      label: words.label,
      type: "select",
      initial: words.initial ?? "",
      options: [
        { value: "", label: words.never },
        ...spanNames.map((name) => ({ value: name, label: t(`span.${name}`) })),
        { value: "at", label: t("span.at") },
      ],
    },
    {
      name: "endAt",
      label: t("endAt"),
      type: "datetime-local",
      required: true,
      when: ({ end }) => end === "at",
      check: (value) => (new Date(value).getTime() > Date.now() ? undefined : t("endPast")),
    },
  ];
}

// The API's times have no fractions.
const utc = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

// How many seconds from now, if that was chosen.
export const spanOf = ({ end }: Values): number | undefined => (isSpan(end) ? spans[end] : undefined);

// As a time; null: never.
export function endOf(values: Values): string | null {
  const span = spanOf(values);
  if (span !== undefined) return utc(Date.now() + span * 1000);
  return values.end === "at" ? utc(new Date(values.endAt ?? "").getTime()) : null;
}

// Whether what ends then deserves a warning.
export const endsSoon = (time: string | null | undefined): boolean =>
  Boolean(time) && new Date(time ?? "").getTime() - Date.now() < day * 1000;
