// Nodes: what each has applied, and what it could not apply.
import { Label } from "@patternfly/react-core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useParams } from "react-router-dom";

import { useList, useOne } from "../../api/resources";
import type { Agent } from "../../api/types";
import { AdminOnly } from "../../resource/admin-only";
import { ResourcePage, type Fact } from "../../resource/page";
import { ListPage, sourceOf, TableSection } from "../../resource/table";
import type { Action } from "../../ui/actions";
import type { Column } from "../../ui/data-table";
import { dateTime } from "../../ui/format";
import { reportOf, type Failure } from "./report";

const everyMs = 5000; // nodes report by themselves, without a change of the rows

const hostOf = (agent: Agent) => agent.host;
const ofRouting = { agent_type: "L3 agent" }; // a node has another for DHCP, which reports nothing
const noActions: readonly Action<Agent>[] = [];

function State({ agent }: { agent: Agent }) {
  const { t } = useTranslation("admin");
  return (
    <Label status={agent.alive ? "success" : "danger"} variant="outline" isCompact>
      {agent.alive ? t("nodes.alive") : t("nodes.gone")}
    </Label>
  );
}

function Applied({ agent }: { agent: Agent }) {
  const { t } = useTranslation("admin");
  const { applied, revision } = reportOf(agent);
  return applied >= revision ? t("nodes.upToDate", { applied }) : t("nodes.behind", { applied, revision });
}

function Failures({ count }: { count: number }) {
  return count === 0 ? (
    "0"
  ) : (
    <Label status="danger" variant="outline" isCompact>
      {count}
    </Label>
  );
}

function NodeList() {
  const { t, i18n } = useTranslation("admin");
  const { language } = i18n;
  const list = useList("agent", ofRouting, { refetchInterval: everyMs });
  const columns = useMemo<Column<Agent>[]>(
    () => [
      {
        key: "host",
        label: t("nodes.host"),
        value: hostOf,
        cell: (agent) => <Link to={`/admin/nodes/${agent.id}`}>{agent.host}</Link>,
      },
      {
        key: "state",
        label: t("nodes.state"),
        value: (agent) => (agent.alive ? t("nodes.alive") : t("nodes.gone")),
        cell: (agent) => <State agent={agent} />,
      },
      {
        key: "applied",
        label: t("nodes.applied"),
        value: (agent) => reportOf(agent).applied,
        cell: (agent) => <Applied agent={agent} />,
      },
      {
        key: "failures",
        label: t("nodes.failures"),
        value: (agent) => reportOf(agent).failures.length,
        cell: (agent) => <Failures count={reportOf(agent).failures.length} />,
      },
      {
        key: "heartbeat",
        label: t("nodes.heartbeat"),
        value: (agent) => agent.heartbeat_timestamp,
        cell: (agent) => dateTime(agent.heartbeat_timestamp, language),
      },
    ],
    [t, language],
  );
  return (
    <ListPage
      label={t("nodes.title")}
      description={t("nodes.about")}
      {...sourceOf(list)}
      columns={columns}
      rowKey={(agent) => agent.id}
      nameOf={hostOf}
      empty={{ title: t("nodes.empty.title"), body: t("nodes.empty.body") }}
    />
  );
}

function FailureSection({ failures }: { failures: readonly Failure[] }) {
  const { t } = useTranslation("admin");
  const columns = useMemo<Column<Failure>[]>(
    () => [
      { key: "fact", label: t("nodes.fact"), value: ({ fact }) => fact },
      { key: "why", label: t("nodes.why"), value: ({ why }) => why },
      {
        key: "row",
        label: t("nodes.row"),
        value: ({ id }) => id,
        cell: ({ id }) => <span className="buoy-id">{id}</span>,
      },
    ],
    [t],
  );
  return (
    <TableSection
      label={t("nodes.failures")}
      rows={failures}
      columns={columns}
      rowKey={({ id, fact }) => `${id} ${fact}`}
      nameOf={({ fact }) => fact}
      empty={{ title: t("nodes.noFailures") }}
    />
  );
}

function NodePage() {
  const { t, i18n } = useTranslation("admin");
  const { id } = useParams();
  const query = useOne("agent", id, { refetchInterval: everyMs });
  const facts = (agent: Agent): Fact[] => {
    const { routers, floatingIps } = reportOf(agent);
    return [
      { label: t("nodes.state"), value: <State agent={agent} /> },
      { label: t("nodes.applied"), value: <Applied agent={agent} /> },
      { label: t("nodes.heartbeat"), value: dateTime(agent.heartbeat_timestamp, i18n.language) },
      { label: t("nodes.started"), value: dateTime(agent.started_at, i18n.language) },
      { label: t("nodes.routers"), value: routers },
      { label: t("nodes.floatingIps"), value: floatingIps },
      { label: t("common:field.id"), value: <span className="buoy-id">{agent.id}</span> },
    ];
  };
  return (
    <ResourcePage
      above={{ to: "/admin/nodes", text: t("nodes.title") }}
      query={query}
      nameOf={hostOf}
      actions={noActions}
      facts={facts}
    >
      {(agent) => <FailureSection failures={reportOf(agent).failures} />}
    </ResourcePage>
  );
}

export default function Nodes() {
  const { t } = useTranslation("admin");
  return (
    <AdminOnly title={t("nodes.title")}>
      <Routes>
        <Route index element={<NodeList />} />
        <Route path=":id" element={<NodePage />} />
      </Routes>
    </AdminOnly>
  );
}
