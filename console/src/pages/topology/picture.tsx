// The picture: lines, boxes, and how one moves in it. One box is in the order of the Tab key, arrows lead to the others.
import { useId, useMemo, useState, type KeyboardEvent, type MouseEvent, type RefObject } from "react";
import { useTranslation } from "react-i18next";

import { keyOf, type Graph, type GraphNode, type Path } from "./graph";
import { isArrow, linePath, neighbour, type Layout } from "./layout";
import { FloatingIpShape, NodeShape } from "./shapes";

export interface PictureProps {
  graph: Graph;
  layout: Layout;
  path: Path | null;
  chosen: string | null;
  scale: number;
  onChoose: (key: string) => void;
  picture: RefObject<SVGSVGElement | null>;
}

export function nodeAt(picture: Element | null, key: string): SVGGElement | null {
  return (
    [...(picture?.querySelectorAll<SVGGElement>("[data-key]") ?? [])].find((node) => node.dataset.key === key) ?? null
  );
}

const keyAt = (event: { target: EventTarget }): string | undefined =>
  (event.target as Element).closest<SVGGElement>("[data-key]")?.dataset.key;

function Lines({ layout, path }: Pick<PictureProps, "layout" | "path">) {
  const arrow = useId();
  return (
    <g aria-hidden="true">
      <defs>
        <marker
          id={arrow}
          viewBox="0 0 10 10"
          refX="9"
          refY="5"
          markerWidth="5"
          markerHeight="5"
          orient="auto-start-reverse"
        >
          <path d="M0 0L10 5L0 10z" className="buoy-arrow" />
        </marker>
      </defs>
      {layout.lines.map(({ key, points }) => {
        const along = path?.edges.get(key);
        const looks = along ? `buoy-edge-path buoy-edge-${along}` : path ? "buoy-aside" : "";
        return (
          <path
            key={key}
            d={linePath(points)}
            className={`buoy-edge ${looks}`}
            {...((along === "forward" || along === "both") && { markerEnd: `url(#${arrow})` })}
            {...((along === "backward" || along === "both") && { markerStart: `url(#${arrow})` })}
          />
        );
      })}
    </g>
  );
}

// All that has a box, members of open groups with them.
function drawn(graph: Graph): GraphNode[] {
  return graph.nodes.flatMap((node) => (node.open ? [node, ...node.members] : [node]));
}

export function Picture({ graph, layout, path, chosen, scale, onChoose, picture }: PictureProps) {
  const { t } = useTranslation("topology");
  const [reached, setReached] = useState<string | null>(null);
  const nodes = useMemo(() => drawn(graph), [graph]);
  const first = nodes[0]?.key ?? "";
  const current = [reached, chosen].find((key) => key !== null && layout.boxes.has(key)) ?? first;
  const hint = useId();

  const onKeyDown = (event: KeyboardEvent) => {
    const key = keyAt(event);
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") onChoose(key);
    else if (isArrow(event.key)) nodeAt(picture.current, neighbour(layout.boxes, key, event.key) ?? key)?.focus();
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    const key = keyAt(event);
    if (key) onChoose(key);
  };
  const look = (key: string) => ({
    chosen: key === chosen,
    onPath: path?.nodes.has(key) ?? false,
    reached: key === current,
  });
  return (
    <>
      <p id={hint} className="pf-v6-screen-reader">
        {t("hint")}
      </p>
      <svg
        ref={picture}
        role="group"
        aria-label={t("title")}
        aria-describedby={hint}
        width={layout.width * scale}
        height={layout.height * scale}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onFocus={(event) => setReached(keyAt(event) ?? null)}
      >
        <Lines layout={layout} path={path} />
        {[...layout.frames].map(([key, box]) => (
          <g key={key} className="buoy-node-frame" aria-hidden="true">
            <rect {...box} rx={8} />
          </g>
        ))}
        {nodes.map((node) => {
          const box = layout.boxes.get(node.key);
          return box && <NodeShape key={node.key} node={node} box={box} {...look(node.key)} />;
        })}
        {nodes.flatMap((node) =>
          node.floatingIps.map((fip) => {
            const key = keyOf.floatingIp(fip.id);
            const box = layout.boxes.get(key);
            return box && <FloatingIpShape key={key} fip={fip} box={box} {...look(key)} />;
          }),
        )}
      </svg>
    </>
  );
}
