// How much of a quota is used, and how much would be after what is about to be made.
import { Progress, type ProgressProps } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { QuotaDetail } from "../api/types";

export interface QuotaBarProps {
  title: string; // what is counted: "Floating IPs"
  link?: ReactNode; // stands in the title's place: what is in a bar is hidden from screen readers
  quota: QuotaDetail; // limit -1: none
  adding?: number; // so many more are about to be made
}

const nearly = 0.8;

// Used up, nearly so, or neither.
export function quotaLook(taken: number, limit: number): ProgressProps["variant"] {
  if (limit < 0) return undefined;
  if (taken >= limit) return "danger";
  return taken >= limit * nearly ? "warning" : undefined;
}

// Whether so many more fit in.
export function fits(quota: QuotaDetail, adding: number): boolean {
  return quota.limit < 0 || quota.used + quota.reserved + adding <= quota.limit;
}

export function QuotaBar({ title, link, quota, adding = 0 }: QuotaBarProps) {
  const { t } = useTranslation("quotas");
  const taken = quota.used + quota.reserved;
  const { limit } = quota;
  const now = limit < 0 ? t("unlimited", { count: taken }) : t("used", { used: taken, limit });
  const words = adding > 0 ? t("after", { now, count: taken + adding }) : now;
  const look = quotaLook(taken, limit);
  const full = limit >= 0 && taken + adding >= limit;
  const bar = (
    <Progress
      {...(link ? { "aria-label": title } : { title })}
      label={words}
      valueText={words}
      min={0}
      max={limit < 0 ? Math.max(1, taken + adding) : Math.max(1, limit)}
      value={limit < 0 ? 0 : limit === 0 ? 1 : Math.min(taken + adding, limit)}
      size="sm"
      {...(look ? { variant: look } : full && adding > 0 ? { variant: "warning" } : {})}
    />
  );
  return link ? (
    <>
      {link}
      {bar}
    </>
  ) : (
    bar
  );
}
