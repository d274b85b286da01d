// What the server offers beyond the network API that everybody has: pages show a feature where its extension is offered.
import { useQuery } from "@tanstack/react-query";

import { request } from "./client";

export type ExtensionAlias = "buoy-plan" | "buoy-time-travel" | "buoy-history" | "buoy-drift";

// Asked once: it does not change while a server runs. False until it is known.
export function useExtension(alias: ExtensionAlias): boolean {
  const { data } = useQuery({
    queryKey: ["extensions"],
    queryFn: async ({ signal }) => {
      const { extensions } = await request<{ extensions: { alias: string }[] }>(
        "GET",
        "/v2.0/extensions",
        undefined,
        signal,
      );
      return extensions.map((extension) => extension.alias);
    },
    staleTime: "static",
  });
  return data?.includes(alias) ?? false;
}
