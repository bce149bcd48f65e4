import { readFileSync } from "node:fs";
import { failure } from "../../util/errors.ts";

const mib = 1024 ** 2;

const meminfo = () => readFileSync("/proc/meminfo", "utf8");

/** Bytes that programs can still take without swapping (proc(5), MemAvailable); undefined when not told. */
export function availableMemory(read: () => string = meminfo): number | undefined {
  try {
    const kib = /^MemAvailable:\s+(\d+) kB/m.exec(read())?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

/** LF4005 when fewer than `bytes` of memory are available. A system that does not tell is let through. */
export function requireMemory(bytes: number, purpose: string, read?: () => string): void {
  const available = availableMemory(read);
  if (available === undefined || available >= bytes) return;
  const amount = (size: number) => `${Math.floor(size / mib)} MiB`;
  throw failure("LF4005", {
    what: `${amount(bytes)} of memory are needed for ${purpose}, ${amount(available)} are available`,
    why: "other programs hold the rest, and the kernel would end the cluster's processes at random",
    fix: "end other programs or give this machine more memory; `landfall doctor` shows what is there",
  });
}
