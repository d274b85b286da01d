// The floating IPs of the project: allocate, associate, disassociate, release.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useList } from "../../api/resources";
import { useProjectId } from "../../api/session";
import type { FloatingIp } from "../../api/types";
import { DataTable, type Column } from "../../ui/data-table";
import { Frame } from "../../ui/page";
import { Status } from "../../ui/status";

export function FloatingIpList() {
  const { t } = useTranslation("floatingips");
  const list = useList("floatingip", { project_id: useProjectId() });
  const columns = useMemo<Column<FloatingIp>[]>(
    () => [
      {
        key: "address",
        label: t("address"),
        value: (fip) => fip.floating_ip_address,
        cell: (fip) => <span className="buoy-address">{fip.floating_ip_address}</span>,
      },
      { key: "fixed", label: t("fixed"), value: (fip) => fip.fixed_ip_address ?? "" },
      {
        key: "status",
        label: t("common:field.status"),
        value: (fip) => fip.status,
        cell: (fip) => <Status status={fip.status} />,
      },
    ],
    [t],
  );
  return (
    <Frame title={t("title")}>
      <DataTable
        label={t("title")}
        columns={columns}
        rows={list.data?.rows}
        more={list.data?.more ?? false}
        rowKey={(fip) => fip.id}
        error={list.error}
        retry={() => void list.refetch()}
      />
    </Frame>
  );
}
