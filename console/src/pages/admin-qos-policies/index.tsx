// QoS policies: the rates that floating IPs may have.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useList } from "../../api/resources";
import type { QosPolicy, QosRule } from "../../api/types";
import { AdminOnly } from "../../resource/admin-only";
import { nameOf, useProjectName } from "../../resource/names";
import { limited, ruleOf } from "../../resource/policies";
import { ListPage, sourceOf } from "../../resource/table";
import { useYesNo } from "../../resource/words";
import { DialogButton } from "../../ui/actions";
import type { Column } from "../../ui/data-table";
import { bitRate, bits } from "../../ui/format";
import { CreatePolicyDialog, usePolicyActions } from "./dialogs";

function Limit({ rule }: { rule: QosRule | undefined }) {
  const { t } = useTranslation("qos");
  if (!rule?.max_kbps) return <>{t("noLimit")}</>;
  const { max_kbps, max_burst_kbps } = rule;
  return (
    <>
      {bitRate(max_kbps * 1000)}
      {max_burst_kbps > 0 && <div className="buoy-fine">{t("atOnce", { amount: bits(max_burst_kbps * 1000) })}</div>}
    </>
  );
}

function useColumns(): Column<QosPolicy>[] {
  const { t } = useTranslation("qos");
  const yesNo = useYesNo();
  const projectName = useProjectName();
  return useMemo(
    () => [
      { key: "name", label: t("common:field.name"), value: nameOf },
      ...limited.map(({ key, direction }): Column<QosPolicy> => ({
        key,
        label: t(`column.${key}`),
        value: (policy) => ruleOf(policy, direction)?.max_kbps || Infinity,
        cell: (policy) => <Limit rule={ruleOf(policy, direction)} />,
      })),
      { key: "shared", label: t("shared"), value: ({ shared }) => yesNo(shared) },
      { key: "project", label: t("common:field.project"), value: ({ project_id }) => projectName(project_id) },
      { key: "description", label: t("common:field.description"), value: ({ description }) => description },
    ],
    [t, yesNo, projectName],
  );
}

function PolicyList() {
  const { t } = useTranslation("qos");
  return (
    <ListPage
      label={t("title")}
      description={t("about")}
      {...sourceOf(useList("policy"))}
      columns={useColumns()}
      rowKey={({ id }) => id}
      nameOf={nameOf}
      actions={usePolicyActions()}
      empty={{ title: t("empty.title"), body: t("empty.body") }}
      buttons={<DialogButton label={t("create")} dialog={(close) => <CreatePolicyDialog onClose={close} />} />}
    />
  );
}

export default function QosPolicies() {
  const { t } = useTranslation("qos");
  return (
    <AdminOnly title={t("title")}>
      <PolicyList />
    </AdminOnly>
  );
}
