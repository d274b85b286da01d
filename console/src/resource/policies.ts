// QoS policies where they are named: on floating IPs, in histories, on their own page.
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useList } from "../api/resources";
import type { QosPolicy, QosRule } from "../api/types";
import { bitRate } from "../ui/format";
import { nameOf } from "./names";

// Neutron speaks of directions as the instance sees them; the console as the address does.
export const limited = [
  { key: "in", direction: "ingress" },
  { key: "out", direction: "egress" },
] as const;

export const ruleOf = ({ rules }: QosPolicy, direction: QosRule["direction"]): QosRule | undefined =>
  rules.find((rule) => rule.direction === direction);

// "slow (in: 200 Mbit/s, out: no limit)"
export function usePolicyText(): (policy: QosPolicy) => string {
  const { t } = useTranslation("qos");
  return (policy) => {
    const [inward, outward] = limited.map(({ direction }) => {
      const rate = ruleOf(policy, direction)?.max_kbps;
      return rate ? bitRate(rate * 1000) : t("noLimit");
    });
    return t("named", { name: nameOf(policy), in: inward, out: outward });
  };
}

// The name that belongs to an id, or its beginning. Stable.
export function usePolicyName(): (id: string) => string {
  const { data } = useList("policy");
  const names = useMemo(() => new Map(data?.rows.map((policy) => [policy.id, nameOf(policy)])), [data]);
  return useCallback((id) => names.get(id) ?? id.slice(0, 8), [names]);
}
