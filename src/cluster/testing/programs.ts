import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cachePath } from "../../util/home.ts";

/** How to start a program: its path and, for one binary that is many programs, the name to call it by. */
export interface Program {
  path: string;
  argv0: string;
}

/**
 * Find a program for a test: in the folders of `LANDFALL_TEST_BIN`, the cache of built programs, or PATH. The
 * Kubernetes programs and etcd may all be one file named `kubernetes`. Undefined when it is nowhere.
 */
export function findProgram(name: string): Program | undefined {
  for (const folder of folders()) {
    for (const file of [name, "kubernetes"]) {
      if (file === "kubernetes" && !/^(etcd|kube.*)$/.test(name)) continue;
      const path = join(folder, file);
      if (isExecutable(path)) return { path, argv0: name };
    }
  }
  return undefined;
}

function folders(): string[] {
  const named = (process.env.LANDFALL_TEST_BIN ?? "").split(delimiter).filter(Boolean);
  const cache = cachePath("bin");
  const cached = existsSync(cache) ? readdirSync(cache).map((key) => join(cache, key)) : [];
  return [...named, ...cached, ...(process.env.PATH ?? "").split(delimiter).filter(Boolean)];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
