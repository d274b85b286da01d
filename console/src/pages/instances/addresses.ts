// The addresses of an instance: what its ports have, and the floating IPs that lead there. Pure.
import type { FloatingIp, Port } from "../../api/types";

export interface Address {
  key: string;
  port: Port;
  fixed: string;
  floating?: FloatingIp;
}

export function addressesOf(ports: readonly Port[], floatingIps: readonly FloatingIp[]): Address[] {
  return ports.flatMap((port) =>
    port.fixed_ips.map(({ ip_address: fixed }) => {
      const floating = floatingIps.find((fip) => fip.port_id === port.id && fip.fixed_ip_address === fixed);
      return { key: `${port.id} ${fixed}`, port, fixed, ...(floating && { floating }) };
    }),
  );
}

// Whether a floating IP can still be led there: they are IPv4, and one for each address.
export function isFree({ fixed, floating }: Address): boolean {
  return !floating && !fixed.includes(":");
}
