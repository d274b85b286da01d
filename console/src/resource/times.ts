// Times in fields: what a person types is of the browser's time zone, what the server gets is UTC.
import { useTranslation } from "react-i18next";

// "2026-11-28T10:00:00"
export function localField(time: Date): string {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

// A time of whole seconds means the end of that second: it is sent so.
export const iso = (local: string): string => new Date(local).toISOString().replace(".000Z", "Z");

// What is wrong with a field that holds a time of the past.
export function useTimeCheck() {
  const { t } = useTranslation("time");
  const check = (value: string): string | undefined => {
    const time = new Date(value).getTime();
    if (Number.isNaN(time)) return t("asOf.noTime");
    return time > Date.now() ? t("asOf.future") : undefined;
  };
  return { check, iso };
}
