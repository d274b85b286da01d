// Whose an address was: pages of intervals, newest first.
import { useInfiniteQuery } from "@tanstack/react-query";

import { queryString, request, type ApiError, type Params } from "./client";

// A change that began or ended an interval. What began before what is remembered has only `before`.
export interface Edge {
  time: string | null;
  before: string | null;
  revision: number | null;
  user_id: string | null;
  user_name: string | null;
  project_id: string | null;
  request_id: string | null;
  action: string | null;
}

export interface Interval {
  floating_ip_address: string;
  floatingip_id: string;
  project_id: string;
  port_id: string | null;
  fixed_ip_address: string | null;
  router_id: string | null;
  device_id: string | null;
  devices: { device_id: string; since: string | null }[];
  start: Edge;
  end: Edge | null; // null: it is so still
}

export interface Horizon {
  revision: number;
  time: string | null; // null: nothing has been written yet
}

interface Page {
  history: Interval[];
  horizon: Horizon | null;
  history_links?: { rel: string; href: string }[];
}

const path = "/v2.0/buoy/history";

// A page may be short, even empty, though there are older ones.
function nextMarker({ history_links = [] }: Page): string | undefined {
  const next = history_links.find(({ rel }) => rel === "next");
  return next && (new URLSearchParams(next.href.split("?")[1]).get("marker") ?? undefined);
}

// `at`: of that moment only.
export function useAddressHistory(address: string, at: string | undefined) {
  const params: Params = { address, at };
  return useInfiniteQuery<
    Page,
    ApiError,
    { rows: Interval[]; horizon: Horizon | null },
    readonly unknown[],
    string | undefined
  >({
    queryKey: ["get", path, params],
    enabled: address !== "",
    initialPageParam: undefined,
    queryFn: ({ pageParam, signal }) =>
      request<Page>("GET", path + queryString({ ...params, marker: pageParam }), undefined, signal),
    getNextPageParam: nextMarker,
    select: ({ pages }) => ({
      rows: pages.flatMap(({ history }) => history),
      horizon: pages.at(-1)?.horizon ?? null,
    }),
  });
}
