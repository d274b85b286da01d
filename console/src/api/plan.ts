// What a write would change, asked of the server before it is done: the same requests with ?plan=1.
import { ApiError, send, setDetour, type Method } from "./client";

export interface PlannedChange {
  action: "create" | "update" | "delete";
  resource: string;
  id: string;
  name: string | null;
  attributes: Record<string, { before: unknown; after: unknown }>;
}

export interface PlannedFact {
  action: "add" | "change" | "remove";
  kind: string;
  fact: string;
  was: string | null;
}

export interface Impossible {
  resource: string;
  id: string;
  name: string | null;
  why: string;
}

export interface KernelPlan {
  node: string;
  changes: PlannedFact[];
  hidden: number; // facts of others' objects
  impossible: Impossible[];
}

export interface Plan {
  changes: PlannedChange[];
  hidden: number; // objects of others
  kernel: KernelPlan | null; // null: nobody knows
  later: number; // requests that need what an earlier one makes: they can not be planned before it is there
}

interface Answer {
  plan: {
    changes: PlannedChange[];
    summary: { hidden: number };
    kernel:
      | (Omit<KernelPlan, "hidden"> & {
          summary: { hidden: number };
        })
      | null;
  };
}

// Only the network API plans.
export const canPlan = (path: string): boolean => path.startsWith("/v2.0/");

// Real writes that are under way, and the plan that is being made: never both at once, since all of them go through
// `request`.
const writes = new Set<Promise<unknown>>();
let planning: Promise<unknown> | null = null;

// Does a change, once no plan is being made.
export async function write<T>(change: () => Promise<T>): Promise<T> {
  while (planning) await planning;
  const running = change();
  writes.add(running);
  try {
    return await running;
  } finally {
    writes.delete(running);
  }
}

// What the write would have answered, as far as callers look at it: the object that it is about.
function wouldAnswer(body: unknown, { changes }: Answer["plan"]): unknown {
  const [key] = Object.keys(body ?? {});
  if (key === undefined) return null;
  const own = changes.find(({ resource }) => resource === key);
  const attributes = Object.entries(own?.attributes ?? {}).map(([name, { after }]) => [name, after]);
  return { [key]: { ...Object.fromEntries(attributes), id: own?.id } };
}

function add(to: Plan, { changes, summary, kernel }: Answer["plan"]): void {
  to.changes.push(...changes);
  to.hidden += summary.hidden;
  if (!kernel) return;
  to.kernel ??= { node: kernel.node, changes: [], hidden: 0, impossible: [] };
  to.kernel.changes.push(...kernel.changes);
  to.kernel.hidden += kernel.summary.hidden;
  to.kernel.impossible.push(...kernel.impossible);
}

// Plans each write of a change by itself.
function planner(plan: Plan, signal: AbortSignal) {
  const made = new Set<string>();
  return async (method: Method, path: string, body: unknown): Promise<unknown> => {
    if (!canPlan(path)) throw new ApiError(`${method} ${path} can not be planned`, 400, "", "");
    const text = `${path} ${JSON.stringify(body ?? null)}`;
    if ([...made].some((id) => text.includes(id))) {
      plan.later++;
      return null;
    }
    const to = `${path}${path.includes("?") ? "&" : "?"}plan=1`;
    const { plan: found } = await send<Answer>(method, to, body, signal);
    for (const { action, id } of found.changes) if (action === "create") made.add(id);
    add(plan, found);
    return wouldAnswer(body, found);
  };
}

// Runs a change whose writes are planned only. Refuses as the change would.
export async function planOf(change: () => Promise<unknown>, signal: AbortSignal): Promise<Plan> {
  while (planning || writes.size > 0) await Promise.allSettled([planning, ...writes]);
  const plan: Plan = { changes: [], hidden: 0, kernel: null, later: 0 };
  setDetour(planner(plan, signal));
  const running = change();
  planning = running.then(
    () => undefined,
    () => undefined,
  );
  try {
    await running;
  } finally {
    setDetour(null);
    planning = null;
  }
  return plan;
}
