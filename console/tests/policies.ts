// A server that keeps QoS policies with their rules, and does what is asked of them.
import type { QosPolicy, QosRule } from "../src/api/types";
import { refusal, type Asked, type FakeApi } from "./fake-api";
import { policy } from "./some-cloud";

export const rule = (direction: QosRule["direction"], max_kbps: number, max_burst_kbps = 0): QosRule => ({
  id: `${direction}-rule`,
  direction,
  max_kbps,
  max_burst_kbps,
});

const path = "/v2.0/qos/policies";
const bodyOf = <T>({ body }: Asked, one: string) => (body as Record<string, Partial<T>>)[one] ?? {};

export function keepPolicies(api: FakeApi, policies: QosPolicy[]): void {
  const at = (id: string) => policies.findIndex((one) => one.id === id);
  const write = (id: string, change: (was: QosPolicy) => Partial<QosPolicy>) => {
    const was = policies[at(id)];
    if (!was) return refusal(404, "QosPolicyNotFound", `QoS policy ${id} could not be found.`);
    const fresh = { ...was, ...change(was) };
    policies[at(id)] = fresh;
    return { policy: fresh };
  };
  api.on("GET", path, () => ({ policies: [...policies] }));
  api.on("GET", `${path}/{}`, (_asked: Asked, id: string) => write(id, () => ({})));
  api.on("POST", path, (asked: Asked) => {
    const fresh = policy({ id: `new${policies.length}`, ...bodyOf<QosPolicy>(asked, "policy") });
    policies.push(fresh);
    return { policy: fresh };
  });
  api.on("PUT", `${path}/{}`, (asked: Asked, id: string) => write(id, () => bodyOf<QosPolicy>(asked, "policy")));
  api.on("DELETE", `${path}/{}`, (_asked: Asked, id: string) => {
    policies.splice(at(id), 1);
    return { status: 204 };
  });
  const rules = `${path}/{}/bandwidth_limit_rules`;
  const given = (asked: Asked) => bodyOf<QosRule>(asked, "bandwidth_limit_rule");
  api.on("POST", rules, (asked: Asked, id: string) =>
    write(id, (was) => ({ rules: [...was.rules, { ...rule("egress", 0), ...given(asked) }] })),
  );
  api.on("PUT", `${rules}/{}`, (asked: Asked, id: string, ruleId: string) =>
    write(id, (was) => ({
      rules: was.rules.map((one) => (one.id === ruleId ? { ...one, ...given(asked) } : one)),
    })),
  );
  api.on("DELETE", `${rules}/{}`, (_asked: Asked, id: string, ruleId: string) => {
    write(id, (was) => ({ rules: was.rules.filter((one) => one.id !== ruleId) }));
    return { status: 204 };
  });
}
