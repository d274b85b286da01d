// The resources as the API prints them. Attributes that only administrators see are optional.

export interface Standard {
  id: string;
  project_id: string;
  description: string;
  tags: string[];
  created_at: string;
  updated_at: string;
  revision_number: number;
}

export interface Network extends Standard {
  name: string;
  admin_state_up: boolean;
  status: string;
  shared: boolean;
  "router:external": boolean;
  mtu: number;
  subnets: string[];
  "provider:network_type"?: string;
  "provider:physical_network"?: string | null;
  "provider:segmentation_id"?: number | null;
}

export interface AddressRange {
  start: string;
  end: string;
}

export interface Route {
  destination: string;
  nexthop: string;
}

export interface Subnet extends Standard {
  name: string;
  network_id: string;
  ip_version: 4 | 6;
  cidr: string;
  gateway_ip: string | null;
  enable_dhcp: boolean;
  allocation_pools: AddressRange[];
  dns_nameservers: string[];
  host_routes: Route[];
}

export interface FixedIp {
  subnet_id: string;
  ip_address: string;
}

export interface Port extends Standard {
  name: string;
  network_id: string;
  admin_state_up: boolean;
  status: string;
  mac_address: string;
  fixed_ips: FixedIp[];
  device_id: string;
  device_owner: string;
  "binding:host_id"?: string;
}

export interface GatewayInfo {
  network_id: string;
  enable_snat?: boolean;
  external_fixed_ips?: FixedIp[];
}

export interface Router extends Standard {
  name: string;
  admin_state_up: boolean;
  status: string;
  external_gateway_info: GatewayInfo | null;
  routes: Route[];
}

export interface FloatingIp extends Standard {
  floating_network_id: string;
  floating_ip_address: string;
  port_id: string | null;
  fixed_ip_address: string | null;
  router_id: string | null;
  qos_policy_id: string | null;
  status: string;
  verified_at?: string | null; // when the kernel was last seen to be right for it
  port_details: { name: string; device_id: string; device_owner: string; mac_address: string } | null;
  port_forwardings?: PortForwarding[];
  expires_at?: string | null; // when it is released by itself; null: never
}

// Single ports, or else ranges of them: "8000:8009".
export interface PortForwarding {
  id?: string;
  protocol: string;
  internal_ip_address: string;
  internal_port?: number;
  internal_port_range?: string;
  external_port?: number;
  external_port_range?: string;
}

// An address that was released, or is held.
export interface RestingAddress extends Standard {
  floating_network_id: string;
  floating_ip_address: string;
  rests_until: string | null; // null: held without an end
  reason: string;
}

// A floating IP that is offered to whoever has the key.
export interface Transfer extends Standard {
  name: string;
  floatingip_id: string;
  floating_ip_address: string;
  expires_at: string | null;
  auth_key: string | null; // only in the answer to the offer
}

export interface Orphan {
  floatingip_id: string;
  floating_ip_address: string;
  floating_network_id: string;
  project_id: string;
  description: string;
  port_id: string | null;
  reason: string;
  idle_seconds: number;
  last_seen_in: string | null;
  last_seen_out: string | null;
  associated_at: string | null;
  created_at: string;
  expires_at: string | null;
}

export interface QosRule {
  id: string;
  direction: "ingress" | "egress"; // as the instance sees it
  max_kbps: number; // 0: no limit
  max_burst_kbps: number; // 0: the server chooses
}

export interface QosPolicy extends Standard {
  name: string;
  shared: boolean;
  rules: QosRule[];
}

export interface ServerAddress {
  addr: string;
  version: number;
  "OS-EXT-IPS:type"?: string; // fixed or floating
  "OS-EXT-IPS-MAC:mac_addr"?: string;
}

export interface Server {
  id: string;
  name: string;
  status: string;
  tenant_id: string;
  created: string;
  addresses: Record<string, ServerAddress[]>; // by the network's name
}

export interface Project {
  id: string;
  name: string;
  description: string;
  enabled: boolean;
  domain_id: string;
}

export interface User {
  id: string;
  name: string;
  enabled: boolean;
  domain_id: string;
  email?: string | null;
  description?: string | null;
  default_project_id?: string | null;
}

export interface Role {
  id: string;
  name: string;
}

export interface Named {
  id: string;
  name: string;
}

export interface RoleAssignment {
  user: Named;
  role: Named;
  scope: { project?: Named; domain?: Named };
}

export interface Agent {
  id: string;
  agent_type: string;
  host: string;
  alive: boolean;
  admin_state_up: boolean;
  heartbeat_timestamp: string;
  started_at: string;
  configurations: Record<string, unknown>;
}

export interface QuotaDetail {
  limit: number;
  used: number;
  reserved: number;
}
export type Quotas = Record<"network" | "subnet" | "port" | "router" | "floatingip", QuotaDetail>;

export interface HistoryEvent {
  revision: number;
  time: string;
  user_id: string;
  user_name: string;
  project_id: string;
  request_id: string;
  action: string;
  was: Partial<FloatingIp> | null;
  is: Partial<FloatingIp> | null;
}

export interface TrafficPoint {
  time: string;
  in_pps: number;
  in_bps: number;
  out_pps: number;
  out_bps: number;
}

export interface Stats {
  floatingip_id: string;
  floating_ip_address: string;
  in_packets: number;
  in_bytes: number;
  out_packets: number;
  out_bytes: number;
  last_seen: string | null;
  dropped?: Record<string, number>; // packets, by reason
  interval: number;
  history: TrafficPoint[];
}

// A packet's header, by the server's words; null: it has no such field.
export type PacketFields = Record<string, string | number | boolean | null>;

export interface ExplanationStep {
  what: string;
  ok: boolean;
  advice: string | null;
}

export interface Explanation {
  verdict: string; // forward, router, drop, nobody
  summary: string;
  steps: ExplanationStep[];
  packet: { before: PacketFields; after: PacketFields | null };
  generation: number | null; // of the rules; null: they have none, or no node was asked
  datapath: string | null;
}

export interface SeenPacket {
  time: string;
  direction: string;
  verdict: string; // forward, router, drop; translate: at the router's leg
  reason: string | null;
  summary: string | null; // the verdict and its reason in words
  packet: PacketFields | null;
}
