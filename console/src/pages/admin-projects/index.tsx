// Projects: the list, and a page for each with its members and quotas.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes, useParams } from "react-router-dom";

import { useList, useOne } from "../../api/resources";
import type { Project } from "../../api/types";
import { AdminOnly } from "../../resource/admin-only";
import { Enabled } from "../../resource/enabled";
import { nameOf, NameLink } from "../../resource/names";
import { ResourcePage, type Fact } from "../../resource/page";
import { QuotaBars, useQuotas } from "../../resource/quotas";
import { ListPage, Section, sourceOf } from "../../resource/table";
import { useYesNo } from "../../resource/words";
import { DialogButton } from "../../ui/actions";
import type { Column } from "../../ui/data-table";
import { GrantSection } from "../admin-roles/section";
import { CreateProjectDialog, QuotaDialog, useProjectActions } from "./dialogs";

function ProjectList() {
  const { t } = useTranslation("admin");
  const yesNo = useYesNo();
  const list = useList("project");
  const columns = useMemo<Column<Project>[]>(
    () => [
      {
        key: "name",
        label: t("common:field.name"),
        value: nameOf,
        cell: (project) => <NameLink to="/admin/projects" row={project} />,
      },
      {
        key: "description",
        label: t("common:field.description"),
        value: (project) => project.description,
      },
      {
        key: "enabled",
        label: t("enabled"),
        value: (project) => yesNo(project.enabled),
        cell: (project) => <Enabled on={project.enabled} />,
      },
      { key: "id", label: t("common:field.id"), value: (project) => project.id },
    ],
    [t, yesNo],
  );
  return (
    <ListPage
      label={t("projects.title")}
      {...sourceOf(list)}
      columns={columns}
      rowKey={(project) => project.id}
      nameOf={nameOf}
      actions={useProjectActions()}
      buttons={
        <DialogButton label={t("projects.create")} dialog={(close) => <CreateProjectDialog onClose={close} />} />
      }
    />
  );
}

function QuotaSection({ project }: { project: Project }) {
  const { t } = useTranslation("admin");
  const quotas = useQuotas(project.id).data?.quota;
  return (
    <Section
      title={t("projects.quotas")}
      buttons={
        quotas && (
          <DialogButton
            label={t("projects.modifyQuotas")}
            variant="secondary"
            dialog={(close) => <QuotaDialog project={project} quotas={quotas} onClose={close} />}
          />
        )
      }
    >
      <QuotaBars projectId={project.id} />
    </Section>
  );
}

function ProjectPage() {
  const { t } = useTranslation("admin");
  const { id } = useParams();
  const query = useOne("project", id);
  const facts = (project: Project): Fact[] => [
    { label: t("enabled"), value: <Enabled on={project.enabled} /> },
    { label: t("common:field.description"), value: project.description },
    { label: t("common:field.id"), value: <span className="buoy-id">{project.id}</span> },
  ];
  return (
    <ResourcePage
      above={{ to: "/admin/projects", text: t("projects.title") }}
      query={query}
      nameOf={nameOf}
      actions={useProjectActions("/admin/projects")}
      facts={facts}
    >
      {(project) => (
        <>
          <GrantSection of={{ project }} />
          <QuotaSection project={project} />
        </>
      )}
    </ResourcePage>
  );
}

export default function Projects() {
  const { t } = useTranslation("admin");
  return (
    <AdminOnly title={t("projects.title")} builtin>
      <Routes>
        <Route index element={<ProjectList />} />
        <Route path=":id" element={<ProjectPage />} />
      </Routes>
    </AdminOnly>
  );
}
