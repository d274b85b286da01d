// The members of a project, or the projects of a user: the same table from its two sides.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../../api/client";
import { useList } from "../../api/resources";
import { useSessionContext } from "../../api/session";
import type { Named, Role } from "../../api/types";
import { ChangeConfirmation, ChangeDialog } from "../../resource/dialogs";
import { NameLink, optionsOf } from "../../resource/names";
import { TableSection } from "../../resource/table";
import { DialogButton, type Action } from "../../ui/actions";
import type { Column } from "../../ui/data-table";
import type { Field, Values } from "../../ui/form-dialog";
import { changeRoles, groupGrants, useAssignments, type Grant, type GrantsOf } from "./grants";

const rolePrefix = "role:"; // in front of a role's id: the name of its box

function roleFields(roles: readonly Role[], chosen: (role: Role) => boolean, words: RoleWords): Field[] {
  return roles.map((role) => ({
    name: rolePrefix + role.id,
    label: role.name,
    type: "checkbox",
    section: words.roles,
    initial: chosen(role) ? "yes" : "",
  }));
}

function chosenRoles(values: Values): string[] {
  return Object.keys(values)
    .filter((name) => name.startsWith(rolePrefix) && values[name])
    .map((name) => name.slice(rolePrefix.length));
}

interface RoleWords {
  roles: string;
  needed: string;
}

function useRoleWords(): RoleWords {
  const { t } = useTranslation("admin");
  return { roles: t("roles.roles"), needed: t("roles.needed") };
}

// After a change: who is logged in may have got, or lost, a project.
function useSetRoles() {
  const { retry } = useSessionContext();
  const words = useRoleWords();
  return async (userId: string, projectId: string, was: readonly Named[], values: Values) => {
    const is = chosenRoles(values);
    if (is.length === 0) throw new ApiError(words.needed, 400, "", "");
    await changeRoles(
      userId,
      projectId,
      was.map(({ id }) => id),
      is,
    );
    retry();
  };
}

const usual = "member";

function AddDialog({ of, grants, onClose }: { of: GrantsOf; grants: readonly Grant[]; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const toProject = "project" in of;
  const others = useList(toProject ? "user" : "project").data?.rows;
  const roles = useList("role").data?.rows;
  const setRoles = useSetRoles();
  const words = useRoleWords();
  const there = new Set(grants.map((grant) => (toProject ? grant.user.id : grant.project.id)));
  const free = (others ?? []).filter(({ id }) => !there.has(id));
  const ends = (values: Values) => {
    const other = free.find(({ id }) => id === values.other) ?? { id: "", name: "" };
    return toProject ? { user: other, project: of.project } : { user: of.user, project: other };
  };
  const label = toProject ? t("projects.addMember") : t("users.addProject");
  return (
    <ChangeDialog
      planned={false}
      title={label}
      fields={[
        {
          name: "other",
          label: toProject ? t("users.user") : t("projects.project"),
          type: "select",
          required: true,
          options: optionsOf(free),
        },
        ...roleFields(roles ?? [], ({ name }) => name === usual, words),
      ]}
      submit={label}
      notice={(values) => {
        const { user, project } = ends(values);
        return t("roles.changed", { user: user.name, project: project.name });
      }}
      change={(values) => {
        const { user, project } = ends(values);
        return setRoles(user.id, project.id, [], values);
      }}
      onClose={onClose}
    />
  );
}

function EditDialog({ grant, onClose }: { grant: Grant; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const roles = useList("role").data?.rows;
  const setRoles = useSetRoles();
  const words = useRoleWords();
  const { user, project } = grant;
  const has = (role: Role) => grant.roles.some(({ id }) => id === role.id);
  return (
    <ChangeDialog
      planned={false}
      title={t("roles.edit")}
      description={`${user.name}, ${project.name}`}
      fields={roleFields(roles ?? [], has, words)}
      submit={t("common:action.save")}
      notice={t("roles.changed", { user: user.name, project: project.name })}
      change={(values) => setRoles(user.id, project.id, grant.roles, values)}
      onClose={onClose}
    />
  );
}

function RemoveDialog({ grant, onClose }: { grant: Grant; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { retry } = useSessionContext();
  const names = { user: grant.user.name, project: grant.project.name };
  return (
    <ChangeConfirmation
      planned={false}
      title={t("roles.remove")}
      description={t("roles.removeHelp", names)}
      submit={t("roles.remove")}
      danger
      notice={t("roles.changed", names)}
      change={async () => {
        const was = grant.roles.map(({ id }) => id);
        await changeRoles(grant.user.id, grant.project.id, was, []);
        retry();
      }}
      onClose={onClose}
    />
  );
}

function useGrantActions(): Action<Grant>[] {
  const { t } = useTranslation("admin");
  return useMemo(
    () => [
      {
        key: "edit",
        label: t("roles.edit"),
        dialog: (grant, close) => <EditDialog grant={grant} onClose={close} />,
      },
      {
        key: "remove",
        label: t("roles.remove"),
        danger: true,
        dialog: (grant, close) => <RemoveDialog grant={grant} onClose={close} />,
      },
    ],
    [t],
  );
}

const keyOf = (grant: Grant) => `${grant.user.id} ${grant.project.id}`;
const memberName = (grant: Grant) => grant.user.name;
const projectName = (grant: Grant) => grant.project.name;

export function GrantSection({ of }: { of: GrantsOf }) {
  const { t } = useTranslation("admin");
  const toProject = "project" in of;
  const query = useAssignments(of);
  const rows = useMemo(() => query.data && groupGrants(query.data.role_assignments), [query.data]);
  const columns = useMemo<Column<Grant>[]>(
    () => [
      toProject
        ? {
            key: "user",
            label: t("users.name"),
            value: memberName,
            cell: (grant) => <NameLink to="/admin/users" row={grant.user} />,
          }
        : {
            key: "project",
            label: t("projects.project"),
            value: projectName,
            cell: (grant) => <NameLink to="/admin/projects" row={grant.project} />,
          },
      {
        key: "roles",
        label: t("roles.roles"),
        value: (grant) => grant.roles.map(({ name }) => name).join(", "),
      },
    ],
    [t, toProject],
  );
  return (
    <TableSection
      label={toProject ? t("projects.members") : t("users.projects")}
      rows={rows}
      error={query.error}
      retry={() => void query.refetch()}
      columns={columns}
      rowKey={keyOf}
      nameOf={toProject ? memberName : projectName}
      actions={useGrantActions()}
      empty={{ title: toProject ? t("projects.noMembers") : t("users.noProjects") }}
      buttons={
        <DialogButton
          label={toProject ? t("projects.addMember") : t("users.addProject")}
          variant="secondary"
          dialog={(close) => <AddDialog of={of} grants={rows ?? []} onClose={close} />}
        />
      }
    />
  );
}
