// Numbers and times as people read them, in their language.

const units = ["", "k", "M", "G", "T"];

// 1234567 -> "1.23 M" (steps of 1000); the caller adds the unit: "1.23 Mbit/s".
export function scaled(value: number): { number: string; prefix: string } {
  let step = 0;
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  const digits = step === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2; // three figures, once rounded
  return { number: value.toFixed(digits), prefix: units[step] ?? "" };
}

export function bits(count: number): string {
  const { number, prefix } = scaled(count);
  return `${number} ${prefix}bit`;
}

export const bitRate = (bps: number) => `${bits(bps)}/s`;

export function packetRate(pps: number): string {
  const { number, prefix } = scaled(pps);
  return `${number} ${prefix}p/s`;
}

export function bytes(count: number): string {
  const { number, prefix } = scaled(count);
  return `${number} ${prefix}B`;
}

function timeText(iso: string, language: string, style: Intl.DateTimeFormatOptions): string {
  const time = new Date(iso.endsWith("Z") || /[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso}Z`);
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleString(language, style);
}

export const dateTime = (iso: string, language: string) =>
  timeText(iso, language, { dateStyle: "medium", timeStyle: "medium" });

// To the millisecond, without the day.
export const clockTime = (iso: string, language: string) =>
  timeText(iso, language, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
  });

const spans = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
] as const;

// 812345 -> "9 days", in whole days, hours, minutes or seconds.
export function duration(seconds: number, language: string): string {
  const [unit, length] = spans.find(([, least]) => seconds >= least) ?? (["second", 1] as const);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(
    Math.floor(seconds / length),
  );
}
