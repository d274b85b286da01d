// IPv4 and IPv6 addresses and prefixes as the forms check them and the topology compares them. Pure.

// The address as a number, and its width; undefined: no address.
export function parseIp(text: string): { value: bigint; bits: 32 | 128 } | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): { value: bigint; bits: 32 } | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return { value, bits: 32 };
}

// RFC 4291, 2.2, without the forms that end in an IPv4 address.
function parseIpv6(text: string): { value: bigint; bits: 128 } | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const given = groups.flat();
  if (given.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const missing = 8 - given.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all =
    halves.length === 2 ? [...(groups[0] ?? []), ...Array<string>(missing).fill("0"), ...(groups[1] ?? [])] : given;
  return { value: all.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n), bits: 128 };
}

export function isIp(text: string): boolean {
  return parseIp(text.trim()) !== undefined;
}

export function parsePrefix(text: string): { value: bigint; bits: 32 | 128; length: number } | undefined {
  const [address = "", length = "", ...rest] = text.split("/");
  const ip = parseIp(address);
  if (!ip || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > ip.bits) return undefined;
  return { ...ip, length: Number(length) };
}

export function isPrefix(text: string): boolean {
  return parsePrefix(text.trim()) !== undefined;
}

// Whether the address lies in the prefix.
export function contains(prefix: string, address: string): boolean {
  const p = parsePrefix(prefix);
  const a = parseIp(address);
  if (!p || !a || p.bits !== a.bits) return false;
  const shift = BigInt(p.bits - p.length);
  return p.value >> shift === a.value >> shift;
}
