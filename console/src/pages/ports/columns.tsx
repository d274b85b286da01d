// What a port shows in tables, here and on the pages of networks, routers and instances.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { useList } from "../../api/resources";
import type { Port } from "../../api/types";
import { nameOf, NameLink } from "../../resource/names";
import { useAdminState } from "../../resource/words";
import type { Column } from "../../ui/data-table";
import { Status } from "../../ui/status";

// What uses a port: the owners that routers and Buoy write, and the page of the device.
const owners: Record<string, { text: string; path?: string }> = {
  "network:router_interface": { text: "owner.interface", path: "/routers" },
  "network:router_gateway": { text: "owner.gateway", path: "/routers" },
  "network:dhcp": { text: "owner.dhcp" },
};

export const isRouters = (port: Port): boolean => port.device_owner.startsWith("network:router_");
export const isInstances = (port: Port): boolean => !port.device_owner.startsWith("network:");

export function useDeviceText(): (port: Port) => string {
  const { t } = useTranslation("ports");
  return (port) => {
    const owner = owners[port.device_owner];
    return owner ? t(owner.text) : port.device_owner || port.device_id;
  };
}

export function Device({ port }: { port: Port }) {
  const text = useDeviceText()(port);
  const path = owners[port.device_owner]?.path ?? (isInstances(port) ? "/instances" : undefined);
  if (!path || !port.device_id) return text;
  return <Link to={`${path}/${encodeURIComponent(port.device_id)}`}>{text}</Link>;
}

export function Addresses({ list }: { list: readonly string[] }) {
  return list.map((address) => (
    <div key={address} className="buoy-address">
      {address}
    </div>
  ));
}

const addressesOf = (port: Port): string[] => port.fixed_ips.map((fixed) => fixed.ip_address);

export type PortColumn = "name" | "network" | "fixedIps" | "mac" | "device" | "status" | "adminState";
const allColumns: readonly PortColumn[] = ["name", "network", "fixedIps", "mac", "device", "status"];

// `keys` is to be stable.
export function usePortColumns(keys: readonly PortColumn[] = allColumns): Column<Port>[] {
  const { t } = useTranslation("ports");
  const adminState = useAdminState();
  const networks = useList("network", {}, { enabled: keys.includes("network") }).data?.rows;
  return useMemo(() => {
    const names = new Map((networks ?? []).map((network) => [network.id, nameOf(network)]));
    const ownerText = (port: Port) => {
      const owner = owners[port.device_owner];
      return owner ? t(owner.text) : port.device_owner;
    };
    const columns: Record<PortColumn, Omit<Column<Port>, "key">> = {
      name: {
        label: t("common:field.name"),
        value: nameOf,
        cell: (port) => <NameLink to="/ports" row={port} />,
      },
      network: {
        label: t("network"),
        value: (port) => names.get(port.network_id) ?? port.network_id,
        cell: (port) => (
          <Link to={`/networks/${port.network_id}`}>{names.get(port.network_id) ?? port.network_id}</Link>
        ),
      },
      fixedIps: {
        label: t("fixedIps"),
        value: (port) => addressesOf(port).join(" "),
        cell: (port) => <Addresses list={addressesOf(port)} />,
      },
      mac: {
        label: t("mac"),
        value: (port) => port.mac_address,
        cell: (port) => <span className="buoy-address">{port.mac_address}</span>,
      },
      device: {
        label: t("device"),
        value: (port) => `${ownerText(port)} ${port.device_id}`,
        cell: (port) => <Device port={port} />,
      },
      status: {
        label: t("common:field.status"),
        value: (port) => port.status,
        cell: (port) => <Status status={port.status} />,
      },
      adminState: { label: t("adminState"), value: (port) => adminState(port.admin_state_up) },
    };
    return keys.map((key) => ({ key, ...columns[key] }));
  }, [t, networks, adminState, keys]);
}
