// The way of a floating IP's packets, hop by hop, with the addresses before and after NAT. Fetches what it needs.
import { Skeleton } from "@patternfly/react-core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import type { ApiError } from "../api/client";
import { useList, useOne } from "../api/resources";
import type { FloatingIp } from "../api/types";
import { indexCloud, type Cloud } from "../way/cloud";
import { ErrorNote } from "./error-note";
import { WayView } from "./way-view";

interface Found {
  cloud: Cloud | undefined; // undefined: not all there yet
  error: ApiError | null;
  retry: () => void;
}

// The port and its network, the routers with a leg there, the external network: not the whole cloud.
function useCloudAround(fip: FloatingIp | undefined): Found {
  const on = { enabled: fip !== undefined };
  const ifPort = { enabled: Boolean(fip?.port_id) };
  const ports = useList("port", { id: fip?.port_id ?? "" }, ifPort);
  const port = ports.data?.rows[0];
  const networkIds = [fip?.floating_network_id, port?.network_id].filter((id) => id !== undefined);
  const ready = { enabled: on.enabled && (!ifPort.enabled || ports.data !== undefined) };
  const networks = useList("network", { id: networkIds }, ready);
  const subnets = useList("subnet", { network_id: networkIds }, ready);
  const own = useList("port", { device_id: fip?.router_id ?? "" }, { enabled: Boolean(fip?.router_id) });
  const beside = useList(
    "port",
    { network_id: port?.network_id ?? "", device_owner: "network:router_interface" },
    { enabled: port !== undefined },
  );
  const routerIds = [...new Set([fip?.router_id, ...(beside.data?.rows ?? []).map((leg) => leg.device_id)])].filter(
    (id) => typeof id === "string",
  );
  const waiting = (port !== undefined && !beside.data) || (Boolean(fip?.router_id) && !own.data);
  const routers = useList("router", { id: routerIds }, { enabled: routerIds.length > 0 && !waiting });
  const serverId = port?.device_id || undefined;
  const server = useOne("server", serverId);

  const needed = [networks, subnets, ...(routerIds.length > 0 ? [routers] : []), ...(ifPort.enabled ? [ports] : [])];
  const whole = on.enabled && !waiting && needed.every(({ data }) => data !== undefined);
  const all = [...needed, own, beside];
  const failed = all.find(({ error }) => error !== null);
  const cloud = useMemo(
    () =>
      whole && fip
        ? indexCloud({
            networks: networks.data?.rows ?? [],
            subnets: subnets.data?.rows ?? [],
            ports: [...(ports.data?.rows ?? []), ...(own.data?.rows ?? []), ...(beside.data?.rows ?? [])],
            routers: routers.data?.rows ?? [],
            floatingips: [fip],
            servers: server.data ? [server.data] : [],
          })
        : undefined,
    [whole, fip, networks.data, subnets.data, ports.data, own.data, beside.data, routers.data, server.data],
  );
  return { cloud, error: failed?.error ?? null, retry: () => all.forEach((query) => void query.refetch()) };
}

export function PacketWay({ floatingIpId }: { floatingIpId: string }) {
  const { t } = useTranslation();
  const { data: fip, error, refetch } = useOne("floatingip", floatingIpId);
  const around = useCloudAround(fip);
  const { cloud } = around;
  const end = useMemo(() => {
    const port = fip?.port_id ? cloud?.ports.get(fip.port_id) : undefined;
    return port && fip?.fixed_ip_address ? { port, fixed: fip.fixed_ip_address } : undefined;
  }, [cloud, fip]);
  if (error && !fip) return <ErrorNote error={error} retry={() => void refetch()} />;
  if (!cloud && around.error) return <ErrorNote error={around.error} retry={around.retry} />;
  if (!cloud || !fip) return <Skeleton screenreaderText={t("loading")} />;
  return (
    <>
      <WayView cloud={cloud} floatingIp={fip} end={end} />
      <Link to={`/topology?at=floatingip:${encodeURIComponent(fip.id)}`}>{t("way:inTopology")}</Link>
    </>
  );
}
