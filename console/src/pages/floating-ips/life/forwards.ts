// Floating IPs of which single ports lead to instances. Pure.
import type { FloatingIp, PortForwarding } from "../../../api/types";

export const forwardingsOf = ({ port_forwardings }: FloatingIp): readonly PortForwarding[] => port_forwardings ?? [];

export const forwards = (fip: FloatingIp): boolean => forwardingsOf(fip).length > 0;

// It leads nowhere: neither it nor any of its ports.
export const isFree = (fip: FloatingIp): boolean => fip.port_id === null && !forwards(fip);

const portOf = (port: number | undefined, range: string | undefined) =>
  port === undefined ? (range ?? "").replace(":", "-") : String(port);

export const outsideOf = (one: PortForwarding): string => portOf(one.external_port, one.external_port_range);

export const insideOf = (one: PortForwarding): string =>
  `${one.internal_ip_address}:${portOf(one.internal_port, one.internal_port_range)}`;
