import { readdirSync, readFileSync } from "node:fs";

/** Whether a process carries the mark of the cluster in `folder` in its environment. */
export function isMarked(pid: number, folder: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
    return environment.split("\0").includes(`LANDFALL_CLUSTER=${folder}`);
  } catch {
    return false;
  }
}

/** Processes that carry the cluster's mark: the supervisor's shell and its children. */
export function markedProcesses(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => isMarked(pid, folder));
}
