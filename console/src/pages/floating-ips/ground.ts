// What the dialogs have to know to tell which instances are reachable: fetched when the first of them opens.
import { useCallback, useMemo } from "react";

import { useList } from "../../api/resources";
import { useSession } from "../../api/session";
import type { Port } from "../../api/types";
import { interfaceOwner, type Ground } from "./reach";

export interface Surroundings {
  ground: Ground | undefined; // undefined: not there yet
  nameOf: (port: Port) => string; // of the instance, else of the port
  networkName: (id: string) => string;
  error: unknown;
  retry: () => void;
}

const byId = (rows: readonly { id: string; name: string }[] | undefined) =>
  new Map(rows?.map(({ id, name }) => [id, name]));

const short = (id: string) => id.slice(0, 8);

export function useGround(projectId: string): Surroundings {
  const { admin } = useSession();
  const own = { project_id: projectId };
  const ports = useList("port", own);
  const interfaces = useList("port", { device_owner: interfaceOwner });
  const routers = useList("router");
  const subnets = useList("subnet");
  const networks = useList("network");
  const floatingIps = useList("floatingip", own);
  const servers = useList("server"); // names only: without the compute API those of ports do

  const lists = [ports.data, interfaces.data, routers.data, subnets.data, networks.data, floatingIps.data] as const;
  const ground = useMemo<Ground | undefined>(() => {
    const [p, i, r, s, n, f] = lists;
    if (!p || !i || !r || !s || !n || !f) return undefined;
    return {
      projectId,
      ports: p.rows,
      interfaces: i.rows,
      routers: r.rows,
      subnets: s.rows,
      networks: n.rows,
      floatingIps: f.rows,
      seesAll: admin && !i.more && !r.more && !s.more,
    };
  }, [projectId, admin, ...lists]);

  const serverNames = useMemo(() => byId(servers.data?.rows), [servers.data]);
  const networkNames = useMemo(() => byId(networks.data?.rows), [networks.data]);
  const nameOf = useCallback(
    (port: Port) => serverNames.get(port.device_id) || port.name || short(port.device_id || port.id),
    [serverNames],
  );
  const networkName = useCallback((id: string) => networkNames.get(id) || short(id), [networkNames]);

  const failed = [ports, interfaces, routers, subnets, networks, floatingIps].filter(({ error }) => error);
  return {
    ground,
    nameOf,
    networkName,
    error: ground ? null : (failed[0]?.error ?? null),
    retry: () => failed.forEach(({ refetch }) => void refetch()),
  };
}
