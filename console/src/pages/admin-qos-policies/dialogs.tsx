// Create, edit and delete QoS policies, each with its limits.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { QosPolicy } from "../../api/types";
import { ChangeDialog, deleteAction } from "../../resource/dialogs";
import { nameOf } from "../../resource/names";
import { limited, ruleOf } from "../../resource/policies";
import { useChecks } from "../../resource/words";
import type { Action } from "../../ui/actions";
import type { Field } from "../../ui/form-dialog";
import { burstField, changePolicy, createPolicy, rateField } from "./rules";

const mostKbps = 2 ** 31 - 1;

function useFields(policy?: QosPolicy): Field[] {
  const { t } = useTranslation("qos");
  const check = useChecks().within(0, mostKbps);
  const limits = limited.flatMap(({ key, direction }): Field[] => {
    const rule = policy && ruleOf(policy, direction);
    const section = t(`section.${key}`);
    return [
      {
        name: rateField(key),
        section,
        label: t("rate"),
        help: t("rateHelp"),
        type: "number",
        initial: rule ? String(rule.max_kbps) : "",
        check,
      },
      {
        name: burstField(key),
        section,
        label: t("burst"),
        help: t("burstHelp"),
        type: "number",
        initial: rule?.max_burst_kbps ? String(rule.max_burst_kbps) : "",
        check,
        when: (all) => Boolean(all[rateField(key)]),
      },
    ];
  });
  return [
    { name: "name", label: t("common:field.name"), required: true, initial: policy?.name ?? "" },
    { name: "description", label: t("common:field.description"), initial: policy?.description ?? "" },
    { name: "shared", label: t("share"), type: "checkbox", initial: !policy || policy.shared ? "yes" : "" },
    ...limits,
  ];
}

export function CreatePolicyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("qos");
  return (
    <ChangeDialog
      title={t("create")}
      fields={useFields()}
      submit={t("create")}
      notice={({ name }) => t("resource:done.created", { name })}
      change={createPolicy}
      onClose={onClose}
    />
  );
}

function EditDialog({ policy, onClose }: { policy: QosPolicy; onClose: () => void }) {
  const { t } = useTranslation("qos");
  return (
    <ChangeDialog
      title={t("edit")}
      description={t("editHelp")}
      fields={useFields(policy)}
      submit={t("common:action.save")}
      notice={({ name }) => t("resource:done.saved", { name })}
      change={(values) => changePolicy(policy.id, values)}
      onClose={onClose}
    />
  );
}

export function usePolicyActions(): Action<QosPolicy>[] {
  const { t } = useTranslation("qos");
  return useMemo(
    () => [
      {
        key: "edit",
        label: t("edit"),
        dialog: (policy, close) => <EditDialog policy={policy} onClose={close} />,
      },
      deleteAction<QosPolicy>("policy", t("delete"), nameOf, { note: () => t("deleteNote") }),
    ],
    [t],
  );
}
