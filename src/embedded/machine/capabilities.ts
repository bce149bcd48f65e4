import { readFileSync } from "node:fs";

/** Bit numbers of capabilities(7) that the cluster depends on. */
export const capNetAdmin = 12;
export const capSysAdmin = 21;
export const capSysResource = 24;

/** Whether this process lacks a capability, also in its bounding set when it is root. */
export function lacksCapability(bit: number): boolean {
  try {
    const hex = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
    return ((BigInt(`0x${hex}`) >> BigInt(bit)) & 1n) === 0n;
  } catch {
    return true;
  }
}
