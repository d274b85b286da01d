// Associations changed together, all of them or none: what is to move, the request, whom its refusal blames.
import { ApiError, request } from "../../api/client";
import type { FloatingIp } from "../../api/types";
import { FipError, goalOf, toBody, type Goal } from "./changes";

export interface Move {
  fip: FloatingIp; // as it was seen: when it has changed since, the server refuses
  goal: Goal | null; // null: it is released
}

// As the keys of targets are; "": none.
export const keyOf = (goal: Goal | null) => (goal ? `${goal.portId} ${goal.fixedIp}` : "");

export function goalFrom(key: string): Goal | null {
  const [portId = "", fixedIp = ""] = key.split(" ");
  return portId ? { portId, fixedIp } : null;
}

export const isMove = ({ fip, goal }: Move): boolean => keyOf(goalOf(fip)) !== keyOf(goal);

// Each gets what the other has.
export const swapOf = (one: FloatingIp, other: FloatingIp): Move[] => [
  { fip: one, goal: goalOf(other) },
  { fip: other, goal: goalOf(one) },
];

// The other of the same pool that is to lead to the same: the server would refuse that.
export function clashOf(moves: readonly Move[], { fip, goal }: Move): FloatingIp | undefined {
  const same = (other: Move) =>
    other.fip.id !== fip.id &&
    other.fip.floating_network_id === fip.floating_network_id &&
    keyOf(other.goal) === keyOf(goal);
  return goal ? moves.find(same)?.fip : undefined;
}

// "associations[2]: why" is about the third.
function blame(error: ApiError, moves: readonly Move[]): ApiError {
  const [, place, reason] = /^associations\[(\d+)\]: (.*)$/s.exec(error.message) ?? [];
  const move = place === undefined ? undefined : moves[Number(place)];
  return move ? new FipError(move.fip, reason ?? "", error) : error;
}

export async function putMoves(moves: readonly Move[]): Promise<void> {
  const associations = moves.map(({ fip, goal }) => ({
    floatingip_id: fip.id,
    ...toBody(goal),
    revision_number: fip.revision_number,
  }));
  try {
    await request("PUT", "/v2.0/buoy/change-sets", { change_set: { associations } });
  } catch (error) {
    throw error instanceof ApiError ? blame(error, moves) : error;
  }
}
