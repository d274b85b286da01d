// The shapes of the picture: a box for each node, a strip for each floating IP. Buttons to keyboard and screen reader.
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import CloudIcon from "@patternfly/react-icons/dist/esm/icons/cloud-icon";
import CubeIcon from "@patternfly/react-icons/dist/esm/icons/cube-icon";
import CubesIcon from "@patternfly/react-icons/dist/esm/icons/cubes-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import InProgressIcon from "@patternfly/react-icons/dist/esm/icons/in-progress-icon";
import MinusCircleIcon from "@patternfly/react-icons/dist/esm/icons/minus-circle-icon";
import NetworkWiredIcon from "@patternfly/react-icons/dist/esm/icons/network-wired-icon";
import RouteIcon from "@patternfly/react-icons/dist/esm/icons/route-icon";
import type { TFunction } from "i18next";
import { memo, type ComponentType } from "react";
import { useTranslation } from "react-i18next";

import { useRates } from "../../api/live";
import type { FloatingIp } from "../../api/types";
import { bitRate } from "../../ui/format";
import { keyOf, type GraphNode, type NodeKind } from "./graph";
import { size, type Box } from "./layout";

export const kindIcons: Record<NodeKind, ComponentType> = {
  external: CloudIcon,
  router: RouteIcon,
  network: NetworkWiredIcon,
  instance: CubeIcon,
  group: CubesIcon,
};

// Each status has a form of its own beside its colour.
export const statusIcons: Record<string, ComponentType> = {
  ACTIVE: CheckCircleIcon,
  DOWN: MinusCircleIcon,
  ERROR: ExclamationTriangleIcon,
  BUILD: InProgressIcon,
};

// As much of the text as fits; Chinese and Korean letters are twice as wide.
export function fitText(text: string, room: number): string {
  let used = 0;
  let out = "";
  for (const letter of text) {
    used += letter >= "\u1100" ? 2 : 1;
    if (used > room) return `${out.trimEnd()}…`;
    out += letter;
  }
  return out;
}

export function titleOf(t: TFunction<"topology">, node: GraphNode): string {
  if (node.kind === "group") return t("group", { count: node.members.length });
  return node.name || `(${node.key.replace(/^.*:/, "").slice(0, 8)})`;
}

export interface Look {
  chosen: boolean;
  onPath: boolean;
  reached: boolean; // by the Tab key
}

const className = (kind: string, { chosen, onPath }: Look) =>
  `buoy-node buoy-node-${kind}${chosen ? " buoy-chosen" : ""}${onPath ? " buoy-on-path" : ""}`;

function StatusMark({ status, x, y }: { status: string; x: number; y: number }) {
  const Icon = statusIcons[status] ?? InProgressIcon;
  return (
    <g transform={`translate(${x} ${y})`} className={`buoy-node-status buoy-node-${status}`}>
      <Icon />
    </g>
  );
}

export interface ShapeProps extends Look {
  box: Box;
}

// "200 instances, 3 floating IPs" and the like stand in the second line of a box.
function secondLine(t: TFunction<"topology">, node: GraphNode): string {
  if (node.kind !== "group") return node.lines.join(" ");
  return t("floatingIps", { count: node.members.reduce((sum, { floatingIps }) => sum + floatingIps.length, 0) });
}

export const NodeShape = memo(function NodeShape({ node, box, ...look }: ShapeProps & { node: GraphNode }) {
  const { t } = useTranslation("topology");
  const Icon = kindIcons[node.kind];
  const full = titleOf(t, node);
  const title = node.open ? t("closeGroup", { count: node.members.length }) : fitText(full, 22);
  const line = node.open ? "" : fitText(secondLine(t, node), 22);
  const label = t("nodeLabel", {
    text: `${title} ${line}`.trim(), // first what is seen, for those who say it to their computer
    kind: t(`kind.${node.kind}`),
    status: t(`common:status.${node.status}`, node.status),
  });
  return (
    <g
      role="button"
      tabIndex={look.reached ? 0 : -1}
      aria-label={title === full || node.open ? label : `${label}, ${full}`}
      {...(node.kind === "group" ? { "aria-expanded": node.open } : { "aria-pressed": look.chosen })}
      data-key={node.key}
      className={className(node.kind, look)}
      transform={`translate(${box.x} ${box.y})`}
    >
      <rect width={box.width} height={box.height} rx={8} />
      {node.open ? (
        <text x={12} y={box.height / 2 + 4}>
          {title}
        </text>
      ) : (
        <>
          <rect className="buoy-node-band" y={7} width={4} height={size.head - 14} rx={2} />
          <g className="buoy-node-icon" transform="translate(14 17)">
            <Icon />
          </g>
          <text x={42} y={22}>
            {title}
          </text>{" "}
          <text x={42} y={40} className="buoy-node-line">
            {line}
          </text>
          <StatusMark status={node.status} x={box.width - 22} y={10} />
        </>
      )}
    </g>
  );
});

// With what goes through it just now.
export const FloatingIpShape = memo(function FloatingIpShape({
  fip,
  box,
  ...look
}: ShapeProps & { fip: FloatingIp }) {
  const { t } = useTranslation("topology");
  const rates = useRates(fip.id);
  const traffic = rates ? bitRate(rates.inBps + rates.outBps) : "";
  const label = t("nodeLabel", {
    text: `${fip.floating_ip_address} ${traffic}`.trim(),
    kind: t("kind.floatingip"),
    status: t(`common:status.${fip.status}`, fip.status),
  });
  return (
    <g
      role="button"
      tabIndex={look.reached ? 0 : -1}
      aria-label={label}
      aria-pressed={look.chosen}
      data-key={keyOf.floatingIp(fip.id)}
      className={className("floatingip", look)}
      transform={`translate(${box.x + 10} ${box.y - 2})`}
    >
      <rect width={box.width - 20} height={box.height - 4} rx={6} />
      <StatusMark status={fip.status} x={8} y={4} />
      <text x={28} y={15} className="buoy-node-line">
        {fip.floating_ip_address}
      </text>{" "}
      <text x={box.width - 28} y={15} textAnchor="end" className="buoy-node-rate">
        {traffic}
      </text>
    </g>
  );
});
