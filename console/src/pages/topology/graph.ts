// What the picture shows: nodes in four tiers, what joins them, and many alike instances as one group. Pure.
import type { FloatingIp, Network, Port, Router } from "../../api/types";
import { groupBy, instanceName, isInstancePort, type Cloud } from "../../way/cloud";
import { insideLegs } from "../../way/router";
import type { Way } from "../../way/walk";

export type NodeKind = "external" | "router" | "network" | "instance" | "group";

export interface GraphNode {
  key: string;
  kind: NodeKind;
  name: string; // "": has none
  status: string;
  lines: readonly string[]; // addresses
  floatingIps: readonly FloatingIp[]; // of an instance
  members: readonly GraphNode[]; // of a group
  open: boolean; // the members are shown
}

export interface GraphEdge {
  key: string;
  from: string;
  to: string;
}

export interface Graph {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  // What a thing belongs to: a port to its instance, an instance to its group, a floating IP to either.
  home: ReadonlyMap<string, string>;
}

const groupAbove = 6;

export const keyOf = {
  network: (id: string) => `network:${id}`,
  router: (id: string) => `router:${id}`,
  instance: (port: Port) => (port.device_id ? `server:${port.device_id}` : `port:${port.id}`),
  floatingIp: (id: string) => `floatingip:${id}`,
};

const plain = { status: "ACTIVE", lines: [], floatingIps: [], members: [], open: false } as const;

export const edgeKey = (from: string, to: string): string => `${from} ${to}`;

function networkNode(cloud: Cloud, network: Network): GraphNode {
  const subnets = cloud.subnetsOfNetwork.get(network.id) ?? [];
  return {
    ...plain,
    key: keyOf.network(network.id),
    kind: network["router:external"] ? "external" : "network",
    name: network.name,
    status: network.status,
    lines: subnets.map(({ cidr }) => cidr),
  };
}

function routerNode(router: Router): GraphNode {
  const addresses = router.external_gateway_info?.external_fixed_ips ?? [];
  return {
    ...plain,
    key: keyOf.router(router.id),
    kind: "router",
    name: router.name,
    status: router.admin_state_up ? router.status : "DOWN",
    lines: addresses.map(({ ip_address }) => ip_address),
  };
}

function worst(ports: readonly Port[]): string {
  if (ports.some(({ status }) => status === "ERROR")) return "ERROR";
  return ports.every(({ status }) => status === "ACTIVE") ? "ACTIVE" : "DOWN";
}

interface Instance {
  node: GraphNode;
  networks: string[]; // keys
}

function instances(cloud: Cloud): Instance[] {
  const ports = [...cloud.ports.values()].filter(isInstancePort);
  return [...groupBy(ports, keyOf.instance)].map(([key, own]) => ({
    networks: [...new Set(own.map((port) => keyOf.network(port.network_id)))].sort(),
    node: {
      ...plain,
      key,
      kind: "instance",
      name: own[0] ? instanceName(cloud, own[0]) : "",
      status: worst(own),
      lines: own.flatMap((port) => port.fixed_ips.map(({ ip_address }) => ip_address)),
      floatingIps: own.flatMap((port) => cloud.floatingIpsOfPort.get(port.id) ?? []),
    },
  }));
}

const collator = new Intl.Collator(undefined, { numeric: true });

function groupNode(key: string, members: readonly Instance[], open: boolean): GraphNode {
  const nodes = members.map(({ node }) => node).sort((a, b) => collator.compare(a.name, b.name));
  const rank = ["ERROR", "DOWN", "ACTIVE"];
  const status = rank.find((one) => nodes.some((node) => node.status === one)) ?? "ACTIVE";
  return { ...plain, key, kind: "group", name: "", status, members: nodes, open };
}

// What belongs to the project, and every network that something of it is on.
function shownNetworks(cloud: Cloud, projectId: string | null): Network[] {
  const used = new Set<string>();
  for (const port of cloud.ports.values())
    if (isInstancePort(port) || cloud.routers.has(port.device_id)) used.add(port.network_id);
  for (const { external_gateway_info: gateway } of cloud.routers.values()) if (gateway) used.add(gateway.network_id);
  return [...cloud.networks.values()].filter(
    (network) =>
      projectId === null || network.project_id === projectId || network["router:external"] || used.has(network.id),
  );
}

function routerEdges(cloud: Cloud, router: Router): GraphEdge[] {
  const own = keyOf.router(router.id);
  const gateway = router.external_gateway_info && keyOf.network(router.external_gateway_info.network_id);
  const inside = [...new Set(insideLegs(cloud, router).map(({ network_id }) => keyOf.network(network_id)))];
  const pairs = [...(gateway ? [[gateway, own]] : []), ...inside.map((network) => [own, network])];
  return pairs.map(([from = "", to = ""]) => ({ key: edgeKey(from, to), from, to }));
}

// `projectId` null: everything that there is. `open`: keys of groups.
export function makeGraph(cloud: Cloud, projectId: string | null, open: ReadonlySet<string>): Graph {
  const home = new Map<string, string>();
  const nodes = shownNetworks(cloud, projectId).map((network) => networkNode(cloud, network));
  const edges: GraphEdge[] = [];
  for (const router of cloud.routers.values()) {
    nodes.push(routerNode(router));
    edges.push(...routerEdges(cloud, router));
  }
  const place = (node: GraphNode, networks: readonly string[]) => {
    nodes.push(node);
    edges.push(...networks.map((from) => ({ key: edgeKey(from, node.key), from, to: node.key })));
  };
  for (const [where, members] of groupBy(instances(cloud), ({ networks }) => networks.join(" "))) {
    const networks = where.split(" ");
    const group = groupNode(`group:${where}`, members, open.has(`group:${where}`));
    if (members.length > groupAbove) place(group, networks);
    else members.forEach(({ node }) => place(node, networks));
    for (const { node } of members) {
      if (members.length > groupAbove) home.set(node.key, group.key);
      for (const fip of node.floatingIps) home.set(keyOf.floatingIp(fip.id), node.key);
    }
  }
  for (const port of cloud.ports.values())
    if (isInstancePort(port) && port.device_id) home.set(`port:${port.id}`, keyOf.instance(port));
  for (const fip of cloud.floatingips.values())
    if (!home.has(keyOf.floatingIp(fip.id)))
      home.set(keyOf.floatingIp(fip.id), keyOf.network(fip.floating_network_id));
  const known = new Set(nodes.map(({ key }) => key));
  return { nodes, edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)), home };
}

export type Along = "forward" | "backward" | "both";
export interface Path {
  nodes: ReadonlySet<string>;
  edges: ReadonlyMap<string, Along>;
}

// The node that a thing is drawn as; undefined: it is not in the picture.
export function drawnAs(graph: Graph, key: string): string | undefined {
  const above = graph.home.get(key);
  if (above !== undefined) return drawnAs(graph, above);
  return graph.nodes.some((node) => node.key === key) ? key : undefined;
}

// What of the picture the way goes along. Nodes include members of groups.
export function pathOf(graph: Graph, way: Way): Path {
  const nodes = new Set<string>();
  const edges = new Map<string, Along>();
  const known = new Set(graph.edges.map(({ key }) => key));
  const mark = (key: string, along: Along) => {
    if (known.has(key)) edges.set(key, edges.has(key) && edges.get(key) !== along ? "both" : along);
  };
  let last: string | undefined;
  for (const { node } of way.hops) {
    const key = node && `${node.kind}:${node.id}`;
    const drawn = key ? drawnAs(graph, key) : undefined;
    if (!key || !drawn) continue;
    nodes
      .add(graph.home.get(key) ?? key)
      .add(key)
      .add(drawn);
    if (last && last !== drawn) {
      mark(edgeKey(last, drawn), "forward");
      mark(edgeKey(drawn, last), "backward");
    }
    last = drawn;
  }
  return { nodes, edges };
}
