// What is known of the pools and of who uses their addresses.
import { useMemo } from "react";

import { useList } from "../../api/resources";
import type { FloatingIp, Network, Subnet } from "../../api/types";
import { groupByNetwork } from "../networks/columns";
import { rangesOf, sum, takenAddresses, type Range, type Usage } from "./count";

export interface PoolRow extends Usage {
  id: string;
  name: string;
  network: Network;
  subnets: readonly Subnet[];
  ranges: readonly Range[];
  partly: boolean; // there are more than were counted
}

export interface PoolSource {
  rows: PoolRow[] | undefined;
  floatingIps: readonly FloatingIp[] | undefined;
  error: unknown;
  retry: () => void;
}

// `only`: of one pool.
export function usePools(only?: string): PoolSource {
  const networks = useList("network", { "router:external": true, id: only });
  const ids = useMemo(() => networks.data?.rows.map(({ id }) => id) ?? [], [networks.data]);
  const some = { enabled: ids.length > 0 };
  const subnets = useList("subnet", { network_id: ids }, some);
  const ports = useList("port", { network_id: ids }, some);
  const floatingIps = useList("floatingip", { floating_network_id: only });
  const rows = useMemo(() => {
    if (!networks.data) return undefined;
    if (networks.data.rows.length > 0 && !(subnets.data && ports.data && floatingIps.data)) return undefined;
    const groups = groupByNetwork(subnets.data?.rows);
    return networks.data.rows.map((network): PoolRow => {
      const own = groups.get(network.id) ?? [];
      const taken = takenAddresses(network.id, floatingIps.data?.rows ?? [], ports.data?.rows ?? []);
      const ranges = rangesOf(own, taken);
      const partly = Boolean(floatingIps.data?.more || ports.data?.more) && taken.length > 0;
      return { id: network.id, name: network.name, network, subnets: own, ranges, partly, ...sum(ranges) };
    });
  }, [networks.data, subnets.data, ports.data, floatingIps.data]);
  const queries = [networks, subnets, ports, floatingIps];
  return {
    rows,
    floatingIps: floatingIps.data?.rows,
    error: queries.find(({ error }) => error)?.error ?? null,
    retry: () => {
      for (const query of queries) if (query.error) void query.refetch();
    },
  };
}
