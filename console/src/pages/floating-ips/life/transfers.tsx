// Offers of floating IPs to other projects; and accepting one.
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { request } from "../../../api/client";
import { removeOne, useList } from "../../../api/resources";
import type { FloatingIp, Transfer } from "../../../api/types";
import { ChangeDialog, DeleteDialog } from "../../../resource/dialogs";
import { useProjectName } from "../../../resource/names";
import { useScope } from "../../../resource/scope";
import { ResourceTable, sourceOf } from "../../../resource/table";
import { DialogButton, type Action } from "../../../ui/actions";
import type { Column } from "../../../ui/data-table";
import { dateTime } from "../../../ui/format";
import { SectionFrame } from "./sections";

async function accept(id: string, key: string): Promise<FloatingIp> {
  const path = `/v2.0/buoy/transfers/${encodeURIComponent(id)}/accept`;
  const { floatingip } = await request<{ floatingip: FloatingIp }>("POST", path, { accept: { auth_key: key } });
  return floatingip;
}

function AcceptDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("life");
  return (
    <ChangeDialog
      title={t("accept.title")}
      description={t("accept.help")}
      fields={[
        { name: "id", label: t("offer.id"), required: true },
        { name: "key", label: t("offer.key"), type: "password", required: true },
      ]}
      submit={t("accept.submit")}
      change={({ id = "", key = "" }) => accept(id.trim(), key.trim())}
      notice={(_values, fip) => t("accept.done", { address: fip.floating_ip_address })}
      onClose={onClose}
    />
  );
}

function CancelDialog({ row, onClose }: { row: Transfer; onClose: () => void }) {
  const { t } = useTranslation("life");
  const address = row.floating_ip_address;
  return (
    <DeleteDialog
      title={t("offer.cancel")}
      name={address}
      question={t("offer.cancelHelp", { address })}
      done={t("offer.cancelled", { address })}
      remove={() => removeOne("transfer", row.id)}
      onClose={onClose}
    />
  );
}

const addressOf = (row: Transfer) => row.floating_ip_address;

function useActionsOfTransfers(): Action<Transfer>[] {
  const { t } = useTranslation("life");
  return useMemo(
    () => [
      {
        key: "cancel",
        label: t("offer.cancel"),
        inRow: true,
        danger: true,
        dialog: (row, close) => <CancelDialog row={row} onClose={close} />,
      },
    ],
    [t],
  );
}

function useColumns(all: boolean): Column<Transfer>[] {
  const { t, i18n } = useTranslation("life");
  const projectName = useProjectName();
  return useMemo(() => {
    const project: Column<Transfer> = {
      key: "project",
      label: t("common:field.project"),
      value: ({ project_id }) => projectName(project_id),
    };
    const time = (iso: string) => dateTime(iso, i18n.language);
    return [
      {
        key: "address",
        label: t("floatingips:address"),
        value: addressOf,
        cell: (row) => (
          <Link to={`/floating-ips/${row.floatingip_id}`} className="buoy-address">
            {row.floating_ip_address}
          </Link>
        ),
      },
      { key: "name", label: t("offer.name"), value: ({ name }) => name },
      { key: "description", label: t("common:field.description"), value: ({ description }) => description },
      {
        key: "until",
        label: t("offer.until"),
        value: ({ expires_at }) => expires_at ?? "",
        cell: ({ expires_at }) => (expires_at ? time(expires_at) : t("offer.never")),
      },
      {
        key: "id",
        label: t("offer.id"),
        value: ({ id }) => id,
        cell: ({ id }) => <span className="buoy-id">{id}</span>,
      },
      ...(all ? [project] : []),
    ];
  }, [t, i18n.language, projectName, all]);
}

export default function TransfersPage() {
  const { t } = useTranslation("life");
  const scope = useScope();
  const accepting = useCallback((close: () => void) => <AcceptDialog onClose={close} />, []);
  return (
    <SectionFrame
      at="transfers"
      title={t("section.transfers")}
      description={t("offer.about")}
      actions={<DialogButton label={t("accept.title")} dialog={accepting} />}
    >
      <ResourceTable
        label={t("section.transfers")}
        {...sourceOf(useList("transfer", scope.params))}
        columns={useColumns(scope.all)}
        rowKey={({ id }) => id}
        nameOf={addressOf}
        actions={useActionsOfTransfers()}
        toolbar={scope.toolbar}
        empty={{ title: t("offer.empty.title"), body: t("offer.empty.body") }}
      />
    </SectionFrame>
  );
}
