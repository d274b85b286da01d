// What networks and subnets show in tables.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useList } from "../../api/resources";
import type { Network, Subnet } from "../../api/types";
import { addressColumn } from "../../resource/columns";
import { nameOf, NameLink, useProjectName } from "../../resource/names";
import { useAdminState, useYesNo } from "../../resource/words";
import type { Column } from "../../ui/data-table";
import { Status } from "../../ui/status";
import { printRanges } from "../../ui/lines";

// The subnets of each network.
export function groupByNetwork(subnets: readonly Subnet[] | undefined): Map<string, Subnet[]> {
  const groups = new Map<string, Subnet[]>();
  for (const subnet of subnets ?? []) {
    const group = groups.get(subnet.network_id);
    if (group) group.push(subnet);
    else groups.set(subnet.network_id, [subnet]);
  }
  return groups;
}

export function useNetworkColumns(allProjects: boolean): Column<Network>[] {
  const { t } = useTranslation("networks");
  const yesNo = useYesNo();
  const adminState = useAdminState();
  const projectName = useProjectName();
  const subnets = useList("subnet").data?.rows;
  return useMemo(() => {
    const groups = groupByNetwork(subnets);
    const of = (network: Network) => groups.get(network.id) ?? [];
    const columns: Column<Network>[] = [
      {
        key: "name",
        label: t("common:field.name"),
        value: nameOf,
        cell: (network) => <NameLink to="/networks" row={network} />,
      },
      {
        key: "subnets",
        label: t("associated"),
        value: (network) =>
          of(network)
            .map((subnet) => `${subnet.name} ${subnet.cidr}`)
            .join(" "),
        cell: (network) =>
          of(network).map((subnet) => (
            <div key={subnet.id}>
              {subnet.name} <span className="buoy-address">{subnet.cidr}</span>
            </div>
          )),
      },
      { key: "shared", label: t("shared"), value: (network) => yesNo(network.shared) },
      { key: "external", label: t("isExternal"), value: (network) => yesNo(network["router:external"]) },
      {
        key: "status",
        label: t("common:field.status"),
        value: (network) => network.status,
        cell: (network) => <Status status={network.status} />,
      },
      {
        key: "adminState",
        label: t("adminState"),
        value: (network) => adminState(network.admin_state_up),
      },
    ];
    const project: Column<Network> = {
      key: "project",
      label: t("common:field.project"),
      value: (network) => projectName(network.project_id),
    };
    return allProjects ? [project, ...columns] : columns;
  }, [t, yesNo, adminState, projectName, subnets, allProjects]);
}

export function useSubnetColumns(): Column<Subnet>[] {
  const { t } = useTranslation("networks");
  const yesNo = useYesNo();
  return useMemo(() => {
    const address = (text: string) => <span className="buoy-address">{text}</span>;
    return [
      { key: "name", label: t("common:field.name"), value: nameOf },
      addressColumn("cidr", t("subnet.cidr"), (subnet) => subnet.cidr),
      addressColumn("gateway", t("subnet.gateway"), (subnet) => subnet.gateway_ip, t("common:none")),
      { key: "dhcp", label: t("subnet.dhcpState"), value: (subnet) => yesNo(subnet.enable_dhcp) },
      {
        key: "pools",
        label: t("subnet.pools"),
        value: (subnet) => printRanges(subnet.allocation_pools),
        cell: (subnet) =>
          subnet.allocation_pools.map(({ start, end }) => (
            <div key={start}>
              {address(start)} – {address(end)}
            </div>
          )),
      },
      {
        key: "dns",
        label: t("subnet.dns"),
        value: (subnet) => subnet.dns_nameservers.join(" "),
      },
    ];
  }, [t, yesNo]);
}
