// How many addresses ranges have, and how many of them are used. Pure.
import type { AddressRange, FloatingIp, Port, Subnet } from "../../api/types";
import { parseIp } from "../../ui/ip";

export interface Usage {
  total: bigint;
  used: number;
}

export interface Range extends Usage {
  subnet: Subnet;
  range: AddressRange;
}

const valueOf = (address: string): bigint => parseIp(address)?.value ?? 0n;

export function rangeSize({ start, end }: AddressRange): bigint {
  const size = valueOf(end) - valueOf(start) + 1n;
  return size > 0n ? size : 0n;
}

// The first place of a sorted list whose value is not below.
function lowerBound(sorted: readonly bigint[], value: bigint): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0n) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The addresses of a pool that somebody has: floating IPs, gateways of routers, other ports on it.
export function takenAddresses(poolId: string, floatingIps: readonly FloatingIp[], ports: readonly Port[]): string[] {
  const taken = new Set<string>();
  for (const fip of floatingIps) if (fip.floating_network_id === poolId) taken.add(fip.floating_ip_address);
  for (const port of ports)
    if (port.network_id === poolId) for (const { ip_address } of port.fixed_ips) taken.add(ip_address);
  return [...taken];
}

// Every range of the subnets, with what is used of it.
export function rangesOf(subnets: readonly Subnet[], taken: readonly string[]): Range[] {
  const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
  const four = taken
    .filter((address) => !address.includes(":"))
    .map(valueOf)
    .sort(compare);
  const six = taken
    .filter((address) => address.includes(":"))
    .map(valueOf)
    .sort(compare);
  return subnets.flatMap((subnet) =>
    subnet.allocation_pools.map((range) => {
      const sorted = subnet.ip_version === 6 ? six : four;
      const used = lowerBound(sorted, valueOf(range.end) + 1n) - lowerBound(sorted, valueOf(range.start));
      return { subnet, range, total: rangeSize(range), used };
    }),
  );
}

export function sum(usages: readonly Usage[]): Usage {
  return usages.reduce((all, { total, used }) => ({ total: all.total + total, used: all.used + used }), {
    total: 0n,
    used: 0,
  });
}

export const rangeText = ({ start, end }: AddressRange): string => (start === end ? start : `${start} – ${end}`);
