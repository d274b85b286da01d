// Reading and changing resources: one row of `kinds` for each, the same few hooks for all of them.
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { useAsOf } from "./as-of";
import { ApiError, queryString, request, type Params } from "./client";
import type {
  Agent,
  FloatingIp,
  Network,
  Port,
  Project,
  QosPolicy,
  RestingAddress,
  Role,
  Router,
  Server,
  Subnet,
  Transfer,
  User,
} from "./types";

interface Kind {
  path: string; // of the collection
  one: string; // the key of one in a body
  many: string; // the key of the list
  paged: boolean; // whether ?limit= and ?marker= cut the list
  change: "PUT" | "PATCH";
}

const network = (one: string, many: string): Kind => ({
  path: `/v2.0/${many}`,
  one,
  many,
  paged: true,
  change: "PUT",
});
const identity = (one: string, many: string): Kind => ({
  path: `/identity/v3/${many}`,
  one,
  many,
  paged: false,
  change: "PATCH",
});

export const kinds = {
  network: network("network", "networks"),
  subnet: network("subnet", "subnets"),
  port: network("port", "ports"),
  router: network("router", "routers"),
  floatingip: network("floatingip", "floatingips"),
  policy: { ...network("policy", "policies"), path: "/v2.0/qos/policies" },
  resting: { ...network("resting_address", "resting_addresses"), path: "/v2.0/buoy/quarantine" },
  transfer: { ...network("transfer", "transfers"), path: "/v2.0/buoy/transfers" },
  agent: { ...network("agent", "agents"), paged: false },
  server: { path: "/compute/v2.1/servers", one: "server", many: "servers", paged: false, change: "PUT" },
  project: identity("project", "projects"),
  user: identity("user", "users"),
  role: identity("role", "roles"),
} as const satisfies Record<string, Kind>;

export interface KindTypes {
  network: Network;
  subnet: Subnet;
  port: Port;
  router: Router;
  floatingip: FloatingIp;
  policy: QosPolicy;
  resting: RestingAddress;
  transfer: Transfer;
  agent: Agent;
  server: Server;
  project: Project;
  user: User;
  role: Role;
}
export type KindName = keyof KindTypes;

const pageSize = 1000;
export const mostRows = 5000;

export interface List<R> {
  rows: R[];
  more: boolean; // there are further rows that were not fetched: narrow the filter
}

async function fetchList<K extends KindName>(
  kind: K,
  params: Params,
  signal: AbortSignal,
): Promise<List<KindTypes[K]>> {
  const { path, many, paged } = kinds[kind];
  const base = kind === "server" ? `${path}/detail` : path;
  const rows: KindTypes[K][] = [];
  for (;;) {
    const marker = rows.at(-1)?.id;
    const page: Params = paged ? { ...params, limit: pageSize, marker } : params;
    const answer = await request<Record<string, KindTypes[K][]>>("GET", base + queryString(page), undefined, signal);
    const fresh = (answer[many] ?? []).map(known);
    rows.push(...fresh);
    if (!paged || fresh.length < pageSize) return { rows, more: false };
    if (rows.length >= mostRows) return { rows, more: true };
  }
}

// As it was at `asOf`, where that can be asked of this kind. What the nodes said then is not remembered.
function timeOf(kind: KindName, asOf: string | null): Params {
  const kept = kinds[kind].path.startsWith("/v2.0/") && kind !== "agent";
  return kept && asOf !== null ? { as_of: asOf } : {};
}

function known<R>(row: R): R {
  const has = typeof row === "object" && row !== null && "status" in row && row.status === null;
  return has ? { ...row, status: "UNKNOWN" } : row;
}

export interface Reading {
  enabled?: boolean;
  refetchInterval?: number; // milliseconds: for what changes without a commit, such as whether a port is plugged
}

// At most `mostRows` rows, in the server's order.
export function useList<K extends KindName>(
  kind: K,
  params: Params = {},
  options: Reading = {},
): UseQueryResult<List<KindTypes[K]>, ApiError> {
  const asked = { ...params, ...timeOf(kind, useAsOf()) };
  return useQuery<List<KindTypes[K]>, ApiError>({
    queryKey: [kind, "list", asked],
    queryFn: ({ signal }) => fetchList(kind, asked, signal),
    ...options,
  });
}

export function useOne<K extends KindName>(
  kind: K,
  id: string | undefined,
  options: Reading = {},
): UseQueryResult<KindTypes[K], ApiError> {
  const time = queryString(timeOf(kind, useAsOf()));
  return useQuery<KindTypes[K], ApiError>({
    ...options,
    queryKey: [kind, "one", id, time],
    enabled: Boolean(id) && options.enabled !== false,
    queryFn: async ({ signal }) => {
      const { path, one } = kinds[kind];
      const answer = await request<Record<string, KindTypes[K]>>("GET", `${path}/${id}${time}`, undefined, signal);
      return known(answer[one] as KindTypes[K]);
    },
  });
}

// Anything else that is read: its path is its key.
export function useGet<T>(path: string, options: Reading = {}): UseQueryResult<T, ApiError> {
  return useQuery<T, ApiError>({
    queryKey: ["get", path],
    queryFn: ({ signal }) => request<T>("GET", path, undefined, signal),
    ...options,
  });
}

export type Attributes = Record<string, unknown>;

export async function createOne<K extends KindName>(kind: K, attributes: Attributes): Promise<KindTypes[K]> {
  const { path, one } = kinds[kind];
  const answer = await request<Record<string, KindTypes[K]>>("POST", path, { [one]: attributes });
  return answer[one] as KindTypes[K];
}

export async function updateOne<K extends KindName>(
  kind: K,
  id: string,
  attributes: Attributes,
): Promise<KindTypes[K]> {
  const { path, one, change } = kinds[kind];
  const answer = await request<Record<string, KindTypes[K]>>(change, `${path}/${id}`, { [one]: attributes });
  return answer[one] as KindTypes[K];
}

export async function removeOne(kind: KindName, id: string): Promise<void> {
  await request("DELETE", `${kinds[kind].path}/${id}`);
}

// Runs a change and reads everything that is on the page anew: one change of the network shows in many lists.
export function useChange<A, R>(change: (argument: A) => Promise<R>) {
  const client = useQueryClient();
  return useMutation<R, ApiError, A>({
    mutationFn: change,
    onSettled: () => client.invalidateQueries(),
  });
}
