import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../machine/wait.ts";

const root = "/sys/fs/cgroup";

/** How this machine's cgroups are laid out. */
export function cgroupMode(): "v1" | "hybrid" | "v2" | "none" {
  if (existsSync(join(root, "cgroup.controllers"))) return "v2";
  if (existsSync(join(root, "unified"))) return "hybrid";
  return existsSync(join(root, "memory")) ? "v1" : "none";
}

/** Root folders of every hierarchy that is mounted (one for v2), links such as `cpu -> cpu,cpuacct` left out. */
export function hierarchies(): string[] {
  if (cgroupMode() === "v2") return [root];
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name))
    .filter((folder) => existsSync(join(folder, "cgroup.procs")));
}

function tryWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch {
    // A controller this kernel lacks or does not delegate: its limits are not enforced, nothing else fails.
  }
}

/** A cpuset without cpus and memory nodes admits no process (v1), so a new one takes its parent's. */
function inheritCpuset(folder: string, parent: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const path = join(folder, file);
    if (!existsSync(path) || readFileSync(path, "utf8").trim() !== "") continue;
    const from = existsSync(join(parent, file)) ? readFileSync(join(parent, file), "utf8").trim() : "";
    if (from) tryWrite(path, from);
  }
}

function delegate(folder: string): void {
  const controllers = join(folder, "cgroup.controllers");
  if (!existsSync(controllers)) return;
  for (const name of readFileSync(controllers, "utf8").trim().split(" ").filter(Boolean)) {
    tryWrite(join(folder, "cgroup.subtree_control"), `+${name}`);
  }
}

/**
 * Make the cluster's cgroup in every hierarchy, with a leaf `system` for the platform's own processes
 * (v2 forbids processes beside child groups). `cgroup` is a path such as `/landfall-local`.
 */
export function createCgroup(cgroup: string): void {
  for (const hierarchy of hierarchies()) {
    const v2 = existsSync(join(hierarchy, "cgroup.controllers"));
    if (v2 && cgroupMode() === "v2") delegate(hierarchy);
    const own = join(hierarchy, cgroup);
    mkdirSync(own, { recursive: true });
    inheritCpuset(own, hierarchy);
    if (v2 && cgroupMode() === "v2") delegate(own);
    mkdirSync(join(own, "system"), { recursive: true });
    inheritCpuset(join(own, "system"), own);
  }
}

/** Files to write a process's number into, so that it and its children belong to the cluster. */
export function systemProcsFiles(cgroup: string): string[] {
  return hierarchies().map((hierarchy) => join(hierarchy, cgroup, "system", "cgroup.procs"));
}

function foldersBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((entry) => foldersBelow(join(folder, entry.name))), folder];
}

/** Numbers of the processes in a cgroup and below, over all hierarchies. */
export function cgroupProcesses(cgroup: string): number[] {
  const pids = hierarchies()
    .flatMap((hierarchy) => foldersBelow(join(hierarchy, cgroup)))
    .flatMap((folder) => {
      try {
        return readFileSync(join(folder, "cgroup.procs"), "utf8")
          .trim()
          .split("\n")
          .filter(Boolean)
          .map(Number);
      } catch {
        return [];
      }
    });
  return [...new Set(pids)].filter((pid) => pid > 0);
}

function tryRemove(cgroup: string): boolean {
  const folders = hierarchies().flatMap((hierarchy) => foldersBelow(join(hierarchy, cgroup)));
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // Busy: its last process is still ending.
    }
  }
  return hierarchies().every((hierarchy) => !existsSync(join(hierarchy, cgroup)));
}

/** Remove the cgroup everywhere; false when a process still holds it after `timeoutMs`. */
export async function removeCgroup(cgroup: string, timeoutMs = 5000): Promise<boolean> {
  return await until(() => tryRemove(cgroup), timeoutMs, 25);
}
