// All that the picture shows, read from the API.
import { useMemo } from "react";

import type { ApiError } from "../../api/client";
import { useList } from "../../api/resources";
import { useSession } from "../../api/session";
import type { Scope } from "../../resource/scope";
import { indexCloud, type Cloud } from "../../way/cloud";

export interface CloudQuery {
  cloud: Cloud | undefined; // undefined: not there yet
  more: boolean; // there is more than was fetched
  error: ApiError | null;
  retry: () => void;
}

const gateways = { device_owner: "network:router_gateway" };

export function useCloud({ params }: Scope): CloudQuery {
  const { admin } = useSession();
  const networks = useList("network");
  const subnets = useList("subnet");
  const ports = useList("port", params);
  // The gateways' ports belong to no project: who may see them learns the names of their devices.
  const outside = useList("port", gateways, { enabled: admin });
  const routers = useList("router", params);
  const floatingips = useList("floatingip", params);
  // Names only: without the compute API instances go by the names of their ports.
  const servers = useList("server");

  const needed = [networks, subnets, ports, routers, floatingips];
  const rest = [outside, servers];
  const whole = needed.every(({ data }) => data !== undefined) && rest.every(({ isLoading }) => !isLoading);
  const cloud = useMemo(
    () =>
      whole
        ? indexCloud({
            networks: networks.data?.rows ?? [],
            subnets: subnets.data?.rows ?? [],
            ports: [...(ports.data?.rows ?? []), ...(outside.data?.rows ?? [])],
            routers: routers.data?.rows ?? [],
            floatingips: floatingips.data?.rows ?? [],
            servers: servers.data?.rows ?? [],
          })
        : undefined,
    [whole, networks.data, subnets.data, ports.data, outside.data, routers.data, floatingips.data, servers.data],
  );
  return {
    cloud,
    more: needed.some(({ data }) => data?.more),
    error: needed.find(({ error }) => error !== null)?.error ?? null,
    retry: () => [...needed, ...rest].forEach((query) => void query.refetch()),
  };
}
