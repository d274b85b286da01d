// A packet on its way: the hops so far, its addresses, what is to be said about each hop. Pure.
import type { Network, Port, Router } from "../api/types";
import { deviceName, instanceName, type Cloud } from "./cloud";
import { gatewayPort } from "./router";

// Addresses that have no number here.
export const anyHost = "@anyHost"; // any host outside
export const hostAddress = "@host"; // the host's own, on the interface by which it leaves
export const routerAddress = "@router"; // of a router that is somebody else's

export interface Packet {
  source: string;
  destination: string;
}

export type HopAt = "outside" | "external" | "externalLeg" | "nat" | "insideLeg" | "network" | "tap" | "instance";

export interface NodeRef {
  kind: "network" | "router" | "port" | "server";
  id: string;
}

// "end": the packet goes no further. "warn": it may not arrive. `key` is a text of the area `way`, below "note".
export type Level = "info" | "warn" | "end";
export interface Note {
  key: string;
  level: Level;
  params: Record<string, string>;
}

export interface Hop {
  at: HopAt;
  node: NodeRef | null; // null: nothing that one has a page for
  name: string; // "": not known
  onHost: boolean; // the router is the host itself
  devices: string[]; // in the kernel
  before: Packet;
  after: Packet;
  notes: Note[];
}

export type State = "whole" | "doubtful" | "broken";
export interface Way {
  hops: Hop[];
  state: State;
}

// A router whose gateway has no address of its own uses the host's: it is the host itself.
export function isHost(router: Router): boolean {
  const gateway = router.external_gateway_info;
  return gateway !== null && gateway.external_fixed_ips?.length === 0;
}

// Only administrators see where a network is: on a bridge of its own, or on a physical network.
function networkDevices(network: Network): string[] {
  const type = network["provider:network_type"];
  if (type === undefined) return [];
  return type === "flat" ? [network["provider:physical_network"] ?? ""] : [deviceName("brq", network.id)];
}

export class Walk {
  hops: Hop[] = [];
  ended = false;

  constructor(
    readonly cloud: Cloud,
    private packet: Packet,
  ) {}

  private step(at: HopAt, node: NodeRef | null, name: string, devices: string[] = [], change: Partial<Packet> = {}) {
    const before = this.packet;
    this.packet = { ...before, ...change };
    const hop: Hop = { at, node, name, onHost: false, devices, before, after: this.packet, notes: [] };
    this.hops.push(hop);
    return hop;
  }

  outside(): void {
    this.step("outside", null, "");
  }

  network(at: "external" | "network", id: string): void {
    const network = this.cloud.networks.get(id);
    this.step(at, { kind: "network", id }, network?.name ?? "", network ? networkDevices(network) : []);
  }

  // Into or out of a router, by the leg inside or by the one at the gateway.
  leg(at: "externalLeg" | "insideLeg", router: Router | undefined, port: Port | undefined): void {
    const host = router !== undefined && isHost(router);
    const found = at === "externalLeg" && router ? gatewayPort(this.cloud, router) : port;
    const devices = found && !host ? [deviceName(at === "externalLeg" ? "qg-" : "qr-", found.id)] : [];
    this.step(at, router ? { kind: "router", id: router.id } : null, router?.name ?? "", devices).onHost = host;
  }

  nat(router: Router | undefined, change: Partial<Packet>): void {
    const host = router !== undefined && isHost(router);
    const devices = router && !host ? [`qrouter-${router.id}`] : [];
    const node = router ? ({ kind: "router", id: router.id } as const) : null;
    this.step("nat", node, router?.name ?? "", devices, change).onHost = host;
  }

  tap(port: Port): void {
    this.step("tap", { kind: "port", id: port.id }, port.name, [deviceName("tap", port.id)]);
  }

  instance(port: Port): void {
    const node: NodeRef = port.device_id ? { kind: "server", id: port.device_id } : { kind: "port", id: port.id };
    this.step("instance", node, instanceName(this.cloud, port));
  }

  note(level: Level, key: string, params: Record<string, string> = {}): void {
    this.hops.at(-1)?.notes.push({ key, level, params });
    if (level === "end") this.ended = true;
  }

  done(): Way {
    const doubtful = this.hops.some(({ notes }) => notes.some(({ level }) => level === "warn"));
    return { hops: this.hops, state: this.ended ? "broken" : doubtful ? "doubtful" : "whole" };
  }
}

// Whether the hop changes the address.
export function translates(hop: Hop): "source" | "destination" | "both" | null {
  const source = hop.before.source !== hop.after.source;
  const destination = hop.before.destination !== hop.after.destination;
  if (source && destination) return "both";
  return source ? "source" : destination ? "destination" : null;
}
