import { mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { besidePath } from "../util/files.ts";

/**
 * A folder to write aside in. It lies within the other, which may be a mount of its own, so that renames work.
 * What killed builds left is removed. `remove` takes both away where the outer is left empty.
 */
export function makeAside(folder: string): { path: string; remove: () => void } {
  const made = mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const pid = /^\.landfall\.(\d+)-[0-9a-f]+\.tmp$/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true });
  }
  const path = besidePath(join(folder, ".landfall"));
  mkdirSync(path);
  const remove = () => {
    rmSync(path, { recursive: true, force: true });
    if (made && readdirSync(folder).length === 0) rmdirSync(folder);
  };
  return { path, remove };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
