// How pools and instances are called, for whatever shows floating IPs.
import { useCallback, useMemo } from "react";

import { useList } from "../../api/resources";
import type { FloatingIp, Network } from "../../api/types";

export interface InstanceName {
  id: string; // "" when the port belongs to no instance
  name: string;
}

export interface Names {
  pools: readonly Network[] | undefined; // undefined: not there yet
  pool: (networkId: string) => string;
  instance: (fip: FloatingIp) => InstanceName | null; // null: not associated
}

const short = (id: string) => id.slice(0, 8);

// Names are stable while what they come from is: tables are drawn anew when they change. Without the compute API
// the names of ports do.
export function useNames(): Names {
  const { data: networks } = useList("network", { "router:external": true });
  const { data: servers } = useList("server");
  const poolNames = useMemo(() => new Map(networks?.rows.map(({ id, name }) => [id, name || short(id)])), [networks]);
  const serverNames = useMemo(() => new Map(servers?.rows.map(({ id, name }) => [id, name])), [servers]);
  const pools = useMemo(() => networks && [...networks.rows].sort((a, b) => (a.name < b.name ? -1 : 1)), [networks]);

  const pool = useCallback((id: string) => poolNames.get(id) ?? short(id), [poolNames]);
  const instance = useCallback(
    (fip: FloatingIp) => {
      if (!fip.port_id) return null;
      const { device_id = "", name = "" } = fip.port_details ?? {};
      const known = serverNames.get(device_id);
      return { id: known === undefined ? "" : device_id, name: known || name || short(device_id || fip.port_id) };
    },
    [serverNames],
  );
  return useMemo(() => ({ pools, pool, instance }), [pools, pool, instance]);
}
