// The same as the picture, as a table.
import { Button } from "@patternfly/react-core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { DataTable, type Column } from "../../ui/data-table";
import { Status } from "../../ui/status";
import type { Cloud } from "../../way/cloud";
import { keyOf, type Graph, type GraphNode } from "./graph";
import { titleOf } from "./shapes";

interface Row {
  key: string;
  kind: string;
  name: string;
  status: string;
  addresses: string;
  joined: string;
}

// Groups stand for their members.
function rowsOf(graph: Graph, cloud: Cloud, name: (node: GraphNode) => string): Row[] {
  const titles = new Map(graph.nodes.map((node) => [node.key, name(node)]));
  const joined = (key: string) =>
    graph.edges
      .flatMap(({ from, to }) => (from === key ? [to] : to === key ? [from] : []))
      .filter((other) => !other.startsWith("group:"))
      .map((other) => titles.get(other) ?? "")
      .join(", ");
  const row = (node: GraphNode, at: string): Row => ({
    key: node.key,
    kind: node.kind,
    name: name(node),
    status: node.status,
    addresses: [...node.lines, ...node.floatingIps.map((fip) => fip.floating_ip_address)].join(", "),
    joined: joined(at),
  });
  const floatingIps = [...cloud.floatingips.values()].map((fip) => {
    const home = graph.home.get(keyOf.floatingIp(fip.id)) ?? "";
    const member = graph.nodes.flatMap(({ members }) => members).find(({ key }) => key === home);
    return {
      key: keyOf.floatingIp(fip.id),
      kind: "floatingip",
      name: fip.floating_ip_address,
      status: fip.status,
      addresses: fip.fixed_ip_address ?? "",
      joined: member ? name(member) : (titles.get(home) ?? ""),
    };
  });
  const nodes = graph.nodes.flatMap((node) =>
    node.kind === "group" ? node.members.map((member) => row(member, node.key)) : [row(node, node.key)],
  );
  return [...nodes, ...floatingIps];
}

export interface TopologyListProps {
  graph: Graph;
  cloud: Cloud;
  more: boolean;
  onChoose: (key: string) => void;
}

export function TopologyList({ graph, cloud, more, onChoose }: TopologyListProps) {
  const { t } = useTranslation("topology");
  const rows = useMemo(() => rowsOf(graph, cloud, (node) => titleOf(t, node)), [graph, cloud, t]);
  const columns = useMemo<Column<Row>[]>(
    () => [
      {
        key: "name",
        label: t("common:field.name"),
        value: ({ name }) => name,
        cell: ({ key, name }) => (
          <Button variant="link" isInline onClick={() => onChoose(key)} data-key={key}>
            {name}
          </Button>
        ),
      },
      { key: "kind", label: t("column.kind"), value: ({ kind }) => t(`kind.${kind}`) },
      {
        key: "status",
        label: t("common:field.status"),
        value: ({ status }) => t(`common:status.${status}`, status),
        cell: ({ status }) => <Status status={status} />,
      },
      { key: "addresses", label: t("column.addresses"), value: ({ addresses }) => addresses },
      { key: "joined", label: t("column.joined"), value: ({ joined }) => joined },
    ],
    [t, onChoose],
  );
  return <DataTable label={t("title")} columns={columns} rows={rows} rowKey={({ key }) => key} more={more} />;
}
