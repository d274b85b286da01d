// The two ways to count traffic: which numbers of a point, and how they are written.
import { bitRate, packetRate } from "./format";

export const units = {
  bits: { in: "in_bps", out: "out_bps", text: bitRate },
  packets: { in: "in_pps", out: "out_pps", text: packetRate },
} as const;
export type Unit = keyof typeof units;
