// Resting addresses: what was released and can be taken back, and what administrators hold.
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useList } from "../../../api/resources";
import { useSession } from "../../../api/session";
import type { RestingAddress } from "../../../api/types";
import { addressColumn } from "../../../resource/columns";
import { useProjectName } from "../../../resource/names";
import { useScope } from "../../../resource/scope";
import { ResourceTable, sourceOf } from "../../../resource/table";
import { DialogButton } from "../../../ui/actions";
import type { Column } from "../../../ui/data-table";
import { dateTime } from "../../../ui/format";
import { Label } from "../../../ui/label";
import { useNames } from "../names";
import { HoldDialog, useRestingActions } from "./resting-dialogs";
import { SectionFrame } from "./sections";

const addressOf = (row: RestingAddress) => row.floating_ip_address;

function useColumns(all: boolean): Column<RestingAddress>[] {
  const { t, i18n } = useTranslation("life");
  const { pool } = useNames();
  const projectName = useProjectName();
  return useMemo(() => {
    const time = (iso: string) => dateTime(iso, i18n.language);
    return [
      addressColumn<RestingAddress>("address", t("floatingips:address"), addressOf),
      { key: "pool", label: t("floatingips:pool"), value: (row) => pool(row.floating_network_id) },
      {
        key: "until",
        label: t("resting.until"),
        value: (row) => row.rests_until ?? t("resting.held"),
        cell: (row) => (row.rests_until ? time(row.rests_until) : <Label look="info">{t("resting.held")}</Label>),
      },
      { key: "reason", label: t("resting.reason"), value: ({ reason }) => reason },
      { key: "description", label: t("common:field.description"), value: ({ description }) => description },
      {
        key: "since",
        label: t("resting.since"),
        value: ({ created_at }) => created_at,
        cell: ({ created_at }) => time(created_at),
      },
      ...(all
        ? [
            {
              key: "project",
              label: t("common:field.project"),
              value: ({ project_id }: RestingAddress) => projectName(project_id),
            },
          ]
        : []),
    ];
  }, [t, i18n.language, pool, projectName, all]);
}

export default function RestingPage() {
  const { t } = useTranslation("life");
  const { admin } = useSession();
  const scope = useScope();
  const hold = useCallback((close: () => void) => <HoldDialog onClose={close} />, []);
  return (
    <SectionFrame
      at="resting"
      title={t("section.resting")}
      description={t("resting.about")}
      actions={admin && <DialogButton label={t("resting.hold")} dialog={hold} />}
    >
      <ResourceTable
        label={t("section.resting")}
        {...sourceOf(useList("resting", scope.params))}
        columns={useColumns(scope.all)}
        rowKey={({ id }) => id}
        nameOf={addressOf}
        actions={useRestingActions()}
        toolbar={scope.toolbar}
        empty={{ title: t("resting.empty.title"), body: t("resting.empty.body") }}
      />
    </SectionFrame>
  );
}
