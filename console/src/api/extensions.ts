// What the server offers besides Neutron's own: pages ask before they show anything that comes with an extension.
import { useQuery } from "@tanstack/react-query";

import { request } from "./client";

export type Extension =
  "buoy-quarantine" | "buoy-leases" | "buoy-transfer" | "buoy-plan" | "buoy-time-travel" | "buoy-history";

const path = "/v2.0/extensions";

async function fetchAliases(signal: AbortSignal): Promise<string[]> {
  const { extensions } = await request<{ extensions: { alias: string }[] }>("GET", path, undefined, signal);
  return extensions.map(({ alias }) => alias);
}

// Whether it is offered; false until that is known. Asked once: it does not change while the server runs.
export function useOffered(): (alias: Extension) => boolean {
  const { data } = useQuery({
    queryKey: ["get", path],
    queryFn: ({ signal }) => fetchAliases(signal),
    staleTime: "static",
  });
  return (alias) => data?.includes(alias) ?? false;
}
