// Where everything stands: tiers from left to right by dagre, instances of an open group in columns. Pure.
import dagre from "@dagrejs/dagre";

import { keyOf, type Graph, type GraphEdge, type GraphNode, type NodeKind } from "./graph";

export interface Box {
  x: number; // of the left upper corner
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  width: number;
  height: number;
  boxes: ReadonlyMap<string, Box>; // of what can be chosen: nodes, members of open groups, floating IPs
  frames: ReadonlyMap<string, Box>; // around open groups
  lines: readonly (GraphEdge & { points: readonly Point[] })[];
}

export const size = { width: 220, head: 52, chip: 26, gap: 12, groupHead: 44 } as const;

const tier: Record<NodeKind, number> = { external: 1, router: 2, network: 3, instance: 4, group: 4 };
const margin = 16;
const leastRows = 8; // of an open group
const root = "root"; // not drawn: holds the tiers in their places

const heightOf = (node: GraphNode): number => size.head + node.floatingIps.length * size.chip;

interface Cells extends Pick<Box, "width" | "height"> {
  at: Box[]; // of the members, from the group's corner
}

// Columns of like length, read downwards.
function memberCells(members: readonly GraphNode[]): Cells {
  const perColumn = Math.max(leastRows, Math.ceil(Math.sqrt(members.length)));
  const columns = Math.ceil(members.length / perColumn);
  const at: Box[] = [];
  let height = 0;
  for (let column = 0; column < columns; column++) {
    let y = size.groupHead;
    for (const node of members.slice(column * perColumn, (column + 1) * perColumn)) {
      const box = { x: size.gap + column * (size.width + size.gap), y, width: size.width, height: heightOf(node) };
      at.push(box);
      y += box.height + size.gap;
    }
    height = Math.max(height, y);
  }
  return { width: size.gap + columns * (size.width + size.gap), height, at };
}

function sizeOf(node: GraphNode): Pick<Box, "width" | "height"> {
  if (node.kind === "group" && node.open) return memberCells(node.members);
  return { width: size.width, height: heightOf(node) };
}

function placeChips(boxes: Map<string, Box>, node: GraphNode, box: Box): void {
  node.floatingIps.forEach((fip, index) => {
    boxes.set(keyOf.floatingIp(fip.id), {
      x: box.x,
      y: box.y + size.head + index * size.chip,
      width: box.width,
      height: size.chip,
    });
  });
}

type Boxes = Map<string, Box>;

function placeNode(boxes: Boxes, frames: Boxes, node: GraphNode, box: Box): void {
  boxes.set(node.key, box);
  placeChips(boxes, node, box);
  if (node.kind !== "group" || !node.open) return;
  frames.set(node.key, box);
  boxes.set(node.key, { x: box.x + size.gap, y: box.y + 8, width: size.width, height: size.groupHead - 16 });
  memberCells(node.members).at.forEach((cell, index) => {
    const member = node.members[index];
    if (member) placeNode(boxes, frames, member, { ...cell, x: box.x + cell.x, y: box.y + cell.y });
  });
}

type Drawing = ReturnType<typeof arrange>;

function arrange(graph: Graph, tierAt: (key: string) => number) {
  const drawing = new dagre.graphlib.Graph();
  drawing.setGraph({ rankdir: "LR", ranker: "tight-tree", nodesep: 20, edgesep: 4, ranksep: 44, marginy: margin });
  drawing.setDefaultEdgeLabel(() => ({}));
  drawing.setNode(root, { width: 0, height: 0 });
  const held = new Set(graph.edges.filter(({ from, to }) => tierAt(from) + 1 === tierAt(to)).map(({ to }) => to));
  for (const node of graph.nodes) {
    drawing.setNode(node.key, { ...sizeOf(node) });
    // The others follow from what is left of them.
    if (!held.has(node.key)) drawing.setEdge(root, node.key, { minlen: tier[node.kind], weight: 1 });
  }
  for (const edge of graph.edges) drawing.setEdge(edge.from, edge.to, { weight: 4 });
  dagre.layout(drawing);
  return drawing;
}

// Dagre centres what is in a tier; here it stands to the left, the first tier at the margin.
function tierEdges(graph: Graph, drawing: Drawing): { left: number; edges: ReadonlyMap<number, number> } {
  const edges = new Map<number, number>();
  for (const node of graph.nodes) {
    const { x, width } = drawing.node(node.key);
    const at = tier[node.kind];
    edges.set(at, Math.min(edges.get(at) ?? Infinity, x - width / 2));
  }
  return { left: Math.min(...edges.values()) - margin, edges };
}

export function layOut(graph: Graph): Layout {
  const tiers = new Map(graph.nodes.map(({ key, kind }) => [key, tier[kind]]));
  const tierAt = (key: string) => tiers.get(key) ?? 0;
  const drawing = arrange(graph, tierAt);
  const { left, edges } = tierEdges(graph, drawing);
  const boxes: Boxes = new Map();
  const frames: Boxes = new Map();
  for (const node of graph.nodes) {
    const { y, width, height } = drawing.node(node.key);
    const x = (edges.get(tier[node.kind]) ?? 0) - left;
    placeNode(boxes, frames, node, { x, y: y - height / 2, width, height });
  }
  const side = (key: string, at: 0 | 1): Point => {
    const box = frames.get(key) ?? boxes.get(key) ?? { x: 0, y: 0, width: 0, height: 0 };
    return { x: box.x + at * box.width, y: box.y + box.height / 2 };
  };
  const lines = graph.edges.map((edge) => {
    // From side to side; only what passes other tiers goes round as dagre found it.
    const inner = drawing.edge(edge.from, edge.to).points.slice(1, -1);
    const passes = Math.abs(tierAt(edge.to) - tierAt(edge.from)) > 1;
    const between = passes ? inner.map(({ x, y }) => ({ x: x - left, y })) : [];
    return { ...edge, points: [side(edge.from, 1), ...between, side(edge.to, 0)] };
  });
  const right = Math.max(0, ...[...frames.values(), ...boxes.values()].map(({ x, width }) => x + width));
  return { width: right + margin, height: drawing.graph().height ?? 0, boxes, frames, lines };
}

// A soft line through the points.
export function linePath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${first.x} ${first.y}`;
  let last = first;
  for (const point of rest) {
    const middle = (last.x + point.x) / 2;
    path += `C${middle} ${last.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    last = point;
  }
  return path;
}

const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const;
export type ArrowKey = keyof typeof steps;
export const isArrow = (key: string): key is ArrowKey => Object.hasOwn(steps, key);

const middleOf = (box: Box): Point => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

// The next box in the arrow's direction: near, and rather straight ahead than aside.
export function neighbour(boxes: ReadonlyMap<string, Box>, from: string, arrow: ArrowKey): string | undefined {
  const start = boxes.get(from);
  if (!start) return undefined;
  const [dx, dy] = steps[arrow];
  const here = middleOf(start);
  let best: { key: string; cost: number } | undefined;
  for (const [key, box] of boxes) {
    const there = middleOf(box);
    const ahead = (there.x - here.x) * dx + (there.y - here.y) * dy;
    if (key === from || ahead <= 1) continue;
    const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
    const cost = ahead + 3 * aside;
    if (!best || cost < best.cost) best = { key, cost };
  }
  return best?.key;
}
