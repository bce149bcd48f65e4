import { homedir } from "node:os";
import { join } from "node:path";

/** The folder that holds all caches and data: `$LANDFALL_HOME`, or `~/.landfall`. */
export function landfallHome(): string {
  return process.env.LANDFALL_HOME || join(homedir(), ".landfall");
}

/** A path under the content-keyed caches, e.g. `cachePath("bin", key)`. */
export function cachePath(...parts: string[]): string {
  return join(landfallHome(), "cache", ...parts);
}

/** A path under one named embedded cluster's folder. */
export function clusterPath(cluster: string, ...parts: string[]): string {
  return join(landfallHome(), "clusters", cluster, ...parts);
}
