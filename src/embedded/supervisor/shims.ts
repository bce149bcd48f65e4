import { readdirSync, readFileSync } from "node:fs";
import { proportionalMemory } from "../machine/process-id.ts";
import type { ProcessStatus } from "../types.ts";

function isShim(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("containerd-shim");
  } catch {
    return false;
  }
}

/** The shims of this process namespace (one for each pod) as one line with their memory together. */
export function shimMemory(): ProcessStatus[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isShim(name));
  if (pids.length === 0) return [];
  const memory = pids.reduce((sum, pid) => sum + (proportionalMemory(Number(pid)) ?? 0), 0);
  return [{ name: `containerd-shim (${pids.length})`, state: "healthy", restarts: 0, memory }];
}
