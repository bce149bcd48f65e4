import { readFileSync } from "node:fs";
import type { ProcessId } from "../types.ts";

/** The boot this machine is in. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "unknown";
  }
}

/** State letter and start time of a process, or undefined when it is gone. See proc(5), /proc/PID/stat. */
export function processStat(pid: number): { state: string; parent: number; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in parentheses and may itself hold blanks and parentheses.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", parent: Number(fields[1]), startTime: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

/** The identity of a running process, or undefined when it is gone. */
export function identify(pid: number): ProcessId | undefined {
  const stat = processStat(pid);
  return stat && { pid, startTime: stat.startTime, bootId: bootId() };
}

/** Whether exactly this process still runs; a zombie does not. */
export function isAlive(id: ProcessId): boolean {
  const stat = processStat(id.pid);
  return (
    stat !== undefined && stat.startTime === id.startTime && stat.state !== "Z" && id.bootId === bootId()
  );
}

/** Signal exactly this process; false when it is gone. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): boolean {
  if (!isAlive(id)) return false;
  try {
    process.kill(id.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Proportional set size of a process in bytes, or undefined when it may not be read. */
export function proportionalMemory(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const kib = /^Pss:\s+(\d+) kB/m.exec(text)?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}
