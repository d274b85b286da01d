// Users: the list, and a page for each with its projects.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes, useParams } from "react-router-dom";

import { useList, useOne } from "../../api/resources";
import type { User } from "../../api/types";
import { AdminOnly } from "../../resource/admin-only";
import { Enabled } from "../../resource/enabled";
import { nameOf, NameLink, useProjectName } from "../../resource/names";
import { ResourcePage, type Fact } from "../../resource/page";
import { ListPage, sourceOf } from "../../resource/table";
import { useYesNo } from "../../resource/words";
import { DialogButton } from "../../ui/actions";
import type { Column } from "../../ui/data-table";
import { GrantSection } from "../admin-roles/section";
import { CreateUserDialog, useUserActions } from "./dialogs";

function UserList() {
  const { t } = useTranslation("admin");
  const yesNo = useYesNo();
  const list = useList("user");
  const columns = useMemo<Column<User>[]>(
    () => [
      {
        key: "name",
        label: t("users.name"),
        value: nameOf,
        cell: (user) => <NameLink to="/admin/users" row={user} />,
      },
      { key: "email", label: t("users.email"), value: (user) => user.email ?? "" },
      {
        key: "description",
        label: t("common:field.description"),
        value: (user) => user.description ?? "",
      },
      {
        key: "enabled",
        label: t("enabled"),
        value: (user) => yesNo(user.enabled),
        cell: (user) => <Enabled on={user.enabled} />,
      },
    ],
    [t, yesNo],
  );
  return (
    <ListPage
      label={t("users.title")}
      {...sourceOf(list)}
      columns={columns}
      rowKey={(user) => user.id}
      nameOf={nameOf}
      actions={useUserActions()}
      buttons={<DialogButton label={t("users.create")} dialog={(close) => <CreateUserDialog onClose={close} />} />}
    />
  );
}

function UserPage() {
  const { t } = useTranslation("admin");
  const { id } = useParams();
  const query = useOne("user", id);
  const projectName = useProjectName();
  const facts = (user: User): Fact[] => [
    { label: t("enabled"), value: <Enabled on={user.enabled} /> },
    { label: t("users.email"), value: user.email },
    {
      label: t("users.primary"),
      value: user.default_project_id && projectName(user.default_project_id),
    },
    { label: t("common:field.description"), value: user.description },
    { label: t("common:field.id"), value: <span className="buoy-id">{user.id}</span> },
  ];
  return (
    <ResourcePage
      above={{ to: "/admin/users", text: t("users.title") }}
      query={query}
      nameOf={nameOf}
      actions={useUserActions("/admin/users")}
      facts={facts}
    >
      {(user) => <GrantSection of={{ user }} />}
    </ResourcePage>
  );
}

export default function Users() {
  const { t } = useTranslation("admin");
  return (
    <AdminOnly title={t("users.title")} builtin>
      <Routes>
        <Route index element={<UserList />} />
        <Route path=":id" element={<UserPage />} />
      </Routes>
    </AdminOnly>
  );
}
