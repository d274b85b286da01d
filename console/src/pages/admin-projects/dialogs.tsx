// Create, edit, switch and delete projects; their quotas.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { request } from "../../api/client";
import { createOne, updateOne } from "../../api/resources";
import type { Project, Quotas } from "../../api/types";
import { ChangeDialog, deleteAction } from "../../resource/dialogs";
import { enabledActions } from "../../resource/enabled";
import { nameOf } from "../../resource/names";
import { quotaKinds, useQuotaName } from "../../resource/quotas";
import { useChecks } from "../../resource/words";
import type { Action } from "../../ui/actions";
import type { Field, Values } from "../../ui/form-dialog";

function useFields(project?: Project): Field[] {
  const { t } = useTranslation("admin");
  return [
    {
      name: "name",
      label: t("common:field.name"),
      required: true,
      initial: project?.name ?? "",
    },
    {
      name: "description",
      label: t("common:field.description"),
      type: "textarea",
      initial: project?.description ?? "",
    },
  ];
}

const attributes = ({ name, description }: Values) => ({
  name: (name ?? "").trim(),
  description: description ?? "",
});

export function CreateProjectDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("admin");
  return (
    <ChangeDialog
      planned={false}
      title={t("projects.create")}
      fields={useFields()}
      submit={t("projects.create")}
      notice={({ name }) => t("resource:done.created", { name })}
      change={(values) => createOne("project", attributes(values))}
      onClose={onClose}
    />
  );
}

function EditDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const { t } = useTranslation("admin");
  return (
    <ChangeDialog
      planned={false}
      title={t("projects.edit")}
      fields={useFields(project)}
      submit={t("common:action.save")}
      notice={({ name }) => t("resource:done.saved", { name })}
      change={(values) => updateOne("project", project.id, attributes(values))}
      onClose={onClose}
    />
  );
}

export function QuotaDialog(props: { project: Project; quotas: Quotas; onClose: () => void }) {
  const { project, quotas, onClose } = props;
  const { t } = useTranslation("admin");
  const quotaName = useQuotaName();
  const check = useChecks();
  return (
    <ChangeDialog
      title={t("projects.modifyQuotas")}
      description={`${project.name}. ${t("projects.quotaHelp")}`}
      fields={quotaKinds.map((kind) => ({
        name: kind,
        label: quotaName(kind),
        type: "number",
        required: true,
        initial: String(quotas[kind].limit),
        check: check.number,
      }))}
      submit={t("common:action.save")}
      notice={t("resource:done.saved", { name: project.name })}
      change={(values) =>
        request("PUT", `/v2.0/quotas/${project.id}`, {
          quota: Object.fromEntries(quotaKinds.map((kind) => [kind, Number(values[kind])])),
        })
      }
      onClose={onClose}
    />
  );
}

export function useProjectActions(leave?: string): Action<Project>[] {
  const { t } = useTranslation("admin");
  return useMemo(
    () => [
      {
        key: "edit",
        label: t("projects.edit"),
        dialog: (project, close) => <EditDialog project={project} onClose={close} />,
      },
      ...enabledActions<Project>("project", {
        enable: {
          label: t("projects.enable"),
          help: (name) => t("projects.enableHelp", { name }),
          done: (name) => t("resource:done.saved", { name }),
        },
        disable: {
          label: t("projects.disable"),
          help: (name) => t("projects.disableHelp", { name }),
          done: (name) => t("resource:done.saved", { name }),
        },
      }),
      deleteAction<Project>("project", t("projects.delete"), nameOf, {
        ...(leave !== undefined && { leave }),
        note: () => t("projects.deleteNote"),
      }),
    ],
    [t, leave],
  );
}
