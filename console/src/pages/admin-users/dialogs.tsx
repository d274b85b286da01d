// Create, edit, switch and delete users; their passwords.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { createOne, removeOne, updateOne, useList } from "../../api/resources";
import { useSession } from "../../api/session";
import type { User } from "../../api/types";
import { ChangeDialog, deleteAction } from "../../resource/dialogs";
import { enabledActions } from "../../resource/enabled";
import { nameOf, optionsOf } from "../../resource/names";
import type { Action } from "../../ui/actions";
import { Alert } from "../../ui/alert";
import type { Field, Values } from "../../ui/form-dialog";
import { changeRoles } from "../admin-roles/grants";

function useFields(user?: User): Field[] {
  const { t } = useTranslation("admin");
  return [
    { name: "name", label: t("users.name"), required: true, initial: user?.name ?? "" },
    { name: "email", label: t("users.email"), initial: user?.email ?? "" },
    {
      name: "description",
      label: t("common:field.description"),
      initial: user?.description ?? "",
    },
  ];
}

const attributes = ({ name, email, description }: Values) => ({
  name: (name ?? "").trim(),
  email: (email ?? "").trim() || null,
  description: description ?? "",
});

function usePasswordFields(): Field[] {
  const { t } = useTranslation("admin");
  return [
    { name: "password", label: t("users.password"), type: "password", required: true },
    {
      name: "confirm",
      label: t("users.confirm"),
      type: "password",
      required: true,
      check: (value, all) => (value === all.password ? undefined : t("users.differ")),
    },
  ];
}

// A user with a role in a project, or none of it.
async function createUser(values: Values): Promise<void> {
  const { project, role } = values;
  const user = await createOne("user", {
    ...attributes(values),
    password: values.password,
    ...(project && { default_project_id: project }),
  });
  if (!project || !role) return;
  try {
    await changeRoles(user.id, project, [], [role]);
  } catch (error) {
    await removeOne("user", user.id).catch(() => undefined);
    throw error;
  }
}

const usual = "member";

export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("admin");
  const projects = useList("project").data?.rows;
  const roles = useList("role").data?.rows;
  return (
    <ChangeDialog
      planned={false}
      title={t("users.create")}
      fields={[
        ...useFields(),
        ...usePasswordFields(),
        {
          name: "project",
          label: t("users.primary"),
          type: "select",
          options: [{ value: "", label: t("users.noProject") }, ...optionsOf(projects)],
        },
        {
          name: "role",
          label: t("roles.role"),
          type: "select",
          initial: roles?.find(({ name }) => name === usual)?.id ?? "",
          options: optionsOf(roles),
          when: ({ project }) => Boolean(project),
        },
      ]}
      submit={t("users.create")}
      notice={({ name }) => t("resource:done.created", { name })}
      change={createUser}
      onClose={onClose}
    />
  );
}

function EditDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation("admin");
  return (
    <ChangeDialog
      planned={false}
      title={t("users.edit")}
      fields={useFields(user)}
      submit={t("common:action.save")}
      notice={({ name }) => t("resource:done.saved", { name })}
      change={(values) => updateOne("user", user.id, attributes(values))}
      onClose={onClose}
    />
  );
}

function PasswordDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const own = useSession().user.id === user.id;
  return (
    <ChangeDialog
      planned={false}
      title={t("users.changePassword")}
      description={t("users.changeHelp", { name: user.name })}
      fields={usePasswordFields()}
      submit={t("users.changePassword")}
      notice={t("users.changed", { name: user.name })}
      change={({ password }) => updateOne("user", user.id, { password })}
      onClose={onClose}
    >
      {own && <Alert variant="warning" isInline component="p" title={t("users.changeOwn")} />}
    </ChangeDialog>
  );
}

export function useUserActions(leave?: string): Action<User>[] {
  const { t } = useTranslation("admin");
  return useMemo(
    () => [
      {
        key: "edit",
        label: t("users.edit"),
        dialog: (user, close) => <EditDialog user={user} onClose={close} />,
      },
      {
        key: "password",
        label: t("users.changePassword"),
        dialog: (user, close) => <PasswordDialog user={user} onClose={close} />,
      },
      ...enabledActions<User>("user", {
        enable: {
          label: t("users.enable"),
          help: (name) => t("users.enableHelp", { name }),
          done: (name) => t("resource:done.saved", { name }),
        },
        disable: {
          label: t("users.disable"),
          help: (name) => t("users.disableHelp", { name }),
          done: (name) => t("resource:done.saved", { name }),
        },
      }),
      deleteAction<User>("user", t("users.delete"), nameOf, { ...(leave !== undefined && { leave }) }),
    ],
    [t, leave],
  );
}
