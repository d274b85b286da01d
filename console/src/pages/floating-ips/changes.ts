// The changes that the dialogs make, and taking one back.
import { ApiError, request } from "../../api/client";
import { createOne, removeOne, updateOne, type Attributes } from "../../api/resources";
import type { FloatingIp } from "../../api/types";

const kind = "floatingip";

export interface Goal {
  portId: string;
  fixedIp: string;
}

export const goalOf = ({ port_id, fixed_ip_address }: FloatingIp): Goal | null =>
  port_id && fixed_ip_address ? { portId: port_id, fixedIp: fixed_ip_address } : null;

export const toBody = (goal: Goal | null): Attributes =>
  goal ? { port_id: goal.portId, fixed_ip_address: goal.fixedIp } : { port_id: null };

export interface Wish {
  poolId: string;
  projectId: string;
  address: string; // "": any
  description: string;
  goal: Goal | null; // associate it at once
  lease?: Attributes; // when it ends
}

export function allocate({ poolId, projectId, address, description, goal, lease }: Wish): Promise<FloatingIp> {
  return createOne(kind, {
    floating_network_id: poolId,
    project_id: projectId,
    ...(address && { floating_ip_address: address }),
    ...(description && { description }),
    ...(goal && toBody(goal)),
    ...lease,
  });
}

export function associate(fip: FloatingIp, goal: Goal | null): Promise<FloatingIp> {
  return updateOne(kind, fip.id, toBody(goal));
}

// "web, blue" -> ["web", "blue"]
export function splitTags(text: string): string[] {
  return [...new Set(text.split(",").map((tag) => tag.trim()))].filter(Boolean);
}

export interface Description {
  description: string;
  policyId: string | null;
  tags: readonly string[];
}

// Only what is new.
export async function describe(fip: FloatingIp, { description, policyId, tags }: Description): Promise<void> {
  const attributes = {
    ...(description !== fip.description && { description }),
    ...(policyId !== fip.qos_policy_id && { qos_policy_id: policyId }),
  };
  if (Object.keys(attributes).length > 0) await updateOne(kind, fip.id, attributes);
  if (tags.join("\n") !== fip.tags.join("\n")) await request("PUT", `/v2.0/floatingips/${fip.id}/tags`, { tags });
}

// A failure that says whose it is.
export class FipError extends ApiError {
  constructor(
    readonly fip: FloatingIp,
    readonly reason: string,
    { status, type, requestId }: ApiError,
  ) {
    super(`${fip.floating_ip_address}: ${reason}`, status, type, requestId);
  }
}

// One after the other. A failure says whose it is; trying again goes on behind those that are done, since all of
// these changes may be made twice.
export async function each(
  fips: readonly FloatingIp[],
  change: (fip: FloatingIp) => Promise<unknown>,
): Promise<void> {
  for (const fip of fips)
    try {
      await change(fip);
    } catch (error) {
      if (fips.length === 1 || !(error instanceof ApiError)) throw error;
      throw new FipError(fip, error.message, error);
    }
}

export async function release(fip: FloatingIp): Promise<void> {
  try {
    await removeOne(kind, fip.id);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error; // gone is what was wanted
  }
}
