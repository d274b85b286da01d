// What a policy's dialog says, as requests. A policy has one bandwidth limit for each direction, or none.
import { request } from "../../api/client";
import { createOne, removeOne, updateOne } from "../../api/resources";
import type { QosPolicy } from "../../api/types";
import { limited, ruleOf } from "../../resource/policies";
import type { Values } from "../../ui/form-dialog";

export const rateField = (key: string) => `${key}Rate`;
export const burstField = (key: string) => `${key}Burst`;

const attributes = ({ name, description, shared }: Values) => ({
  name: (name ?? "").trim(),
  description: description ?? "",
  shared: Boolean(shared),
});

// Makes the rules those of the dialog. What is so already is left alone, so that trying again goes on.
async function writeRules(policy: QosPolicy, values: Values): Promise<void> {
  const path = `/v2.0/qos/policies/${policy.id}/bandwidth_limit_rules`;
  const send = (method: "POST" | "PUT", at: string, rule: object) =>
    request(method, at, { bandwidth_limit_rule: rule });
  for (const { key, direction } of limited) {
    const rate = values[rateField(key)];
    const limits = { max_kbps: Number(rate), max_burst_kbps: Number(values[burstField(key)] ?? 0) };
    const was = ruleOf(policy, direction);
    if (!rate) {
      if (was) await request("DELETE", `${path}/${was.id}`);
    } else if (!was) await send("POST", path, { direction, ...limits });
    else if (was.max_kbps !== limits.max_kbps || was.max_burst_kbps !== limits.max_burst_kbps)
      await send("PUT", `${path}/${was.id}`, limits);
  }
}

// With its rules, or not at all.
export async function createPolicy(values: Values): Promise<void> {
  const policy = await createOne("policy", attributes(values));
  try {
    await writeRules(policy, values);
  } catch (error) {
    await removeOne("policy", policy.id).catch(() => undefined);
    throw error;
  }
}

export async function changePolicy(id: string, values: Values): Promise<void> {
  await writeRules(await updateOne("policy", id, attributes(values)), values);
}
