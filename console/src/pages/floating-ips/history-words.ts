// What changed in an event of a floating IP's history, as keys of sentences and what stands in them. Pure.
import type { FloatingIp, HistoryEvent } from "../../api/types";

export interface Phrase {
  key: string; // below "history.what."
  holes: Record<string, string>;
}

type Side = Partial<FloatingIp>;
const phrase = (key: string, holes: Record<string, string> = {}): Phrase => ({ key, holes });

function association(was: Side, is: Side): Phrase[] {
  const from = was.port_id ? (was.fixed_ip_address ?? "") : "";
  const to = is.port_id ? (is.fixed_ip_address ?? "") : "";
  if ((was.port_id ?? null) === (is.port_id ?? null) && from === to) return [];
  if (!from) return to ? [phrase("associated", { to })] : [];
  return [to ? phrase("moved", { from, to }) : phrase("disassociated", { from })];
}

function text(was: Side, is: Side): Phrase[] {
  if ((was.description ?? "") === (is.description ?? "")) return [];
  return [is.description ? phrase("described", { text: is.description }) : phrase("undescribed")];
}

const joined = (side: Side) => (side.tags ?? []).join(", ");

function tags(was: Side, is: Side): Phrase[] {
  if (joined(was) === joined(is)) return [];
  return [joined(is) ? phrase("tagged", { tags: joined(is) }) : phrase("untagged")];
}

function router(was: Side, is: Side): Phrase[] {
  const moved = was.router_id && is.router_id && was.router_id !== is.router_id;
  return moved ? [phrase("rerouted", { router: is.router_id ?? "" })] : [];
}

function policy(was: Side, is: Side): Phrase[] {
  if ((was.qos_policy_id ?? null) === (is.qos_policy_id ?? null)) return [];
  return [is.qos_policy_id ? phrase("limited", { policy: is.qos_policy_id }) : phrase("unlimited")];
}

function lease(was: Side, is: Side): Phrase[] {
  if ((was.expires_at ?? null) === (is.expires_at ?? null)) return [];
  return [is.expires_at ? phrase("leased", { time: is.expires_at }) : phrase("unleased")];
}

export function inWords({ was, is }: Pick<HistoryEvent, "was" | "is">): Phrase[] {
  if (!was && is)
    return [
      phrase("allocated", { address: is.floating_ip_address ?? "" }),
      ...association({}, is),
      ...policy({}, is),
      ...lease({}, is),
    ];
  if (was && !is) return [phrase("released")];
  if (!was || !is) return [phrase("touched")];
  const found = [association, router, policy, lease, text, tags].flatMap((look) => look(was, is));
  return found.length > 0 ? found : [phrase("touched")];
}
