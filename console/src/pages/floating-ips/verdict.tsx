// What the node does, or did, with a packet; and what to do when it can not be asked.
import { useTranslation } from "react-i18next";

import type { ApiError } from "../../api/client";
import { Label, type LabelProps } from "../../ui/label";

interface Look {
  label?: NonNullable<LabelProps["look"]>;
  alert: "success" | "danger" | "warning" | "info";
}

const looks = {
  forward: { label: "success", alert: "success" },
  router: { label: "info", alert: "info" },
  translate: { label: "info", alert: "info" },
  drop: { label: "danger", alert: "danger" },
  nobody: { alert: "warning" },
} as const satisfies Record<string, Look>;
type Known = keyof typeof looks;
const isKnown = (verdict: string): verdict is Known => Object.hasOwn(looks, verdict);

export const alertOf = (verdict: string): Look["alert"] => (isKnown(verdict) ? looks[verdict].alert : "info");

export function useVerdictName(): (verdict: string) => string {
  const { t } = useTranslation("explain");
  return (verdict) => (isKnown(verdict) ? t(`verdict.${verdict}`) : verdict);
}

export function Verdict({ verdict }: { verdict: string }) {
  const name = useVerdictName();
  const look: Look | undefined = isKnown(verdict) ? looks[verdict] : undefined;
  return <Label {...(look?.label && { look: look.label })}>{name(verdict)}</Label>;
}

// Not there, not possible here, no answer in time.
const advised: readonly number[] = [404, 501, 504];

export function useNodeAdvice(): (error: ApiError) => string | undefined {
  const { t } = useTranslation("explain");
  return ({ status }) => (advised.includes(status) ? t(`advice.${status}`) : undefined);
}
