// What a node reports, out of the free part of Neutron's agents.
import type { Agent } from "../../api/types";

export interface Failure {
  id: string;
  fact: string;
  why: string;
}

export interface Report {
  revision: number; // the newest there is
  applied: number; // the one that the node has applied
  routers: number;
  floatingIps: number;
  failures: readonly Failure[];
}

const count = (value: unknown): number => (typeof value === "number" ? value : 0);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

function failuresOf(value: unknown): Failure[] {
  if (!Array.isArray(value)) return [];
  return (value as Record<string, unknown>[]).map((item) => ({
    id: text(item.id),
    fact: text(item.fact),
    why: text(item.why),
  }));
}

export function reportOf({ configurations }: Agent): Report {
  return {
    revision: count(configurations.revision),
    applied: count(configurations.applied_revision),
    routers: count(configurations.routers),
    floatingIps: count(configurations.floating_ips),
    failures: failuresOf(configurations.failures),
  };
}
