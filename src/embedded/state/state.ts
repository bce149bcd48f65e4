import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { failure } from "../../util/errors.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { landfallHome } from "../../util/home.ts";
import type { ClusterState } from "../types.ts";
import { layoutOf } from "./layout.ts";

/** LF1015 unless the name is a DNS label of at most 30 characters. */
export function requireClusterName(name: string): void {
  if (/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) return;
  throw failure("LF1015", {
    what: `\`${name}\` cannot name a cluster`,
    why: "its network namespace, node and folder are named after it",
    fix: "use lower-case letters, digits and dashes, a letter first, at most 30 characters",
  });
}

/** The state of a cluster, or undefined when there is none (a damaged file counts as none). */
export function readState(name: string): ClusterState | undefined {
  const path = layoutOf(name).state;
  if (!existsSync(path)) return undefined;
  try {
    const state = JSON.parse(readFileSync(path, "utf8")) as ClusterState;
    return state.version === 1 && state.spec.name === name ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Keep the state of a cluster; readers see the old or the new one, never half. */
export function writeState(state: ClusterState): void {
  writeFileAtomic(layoutOf(state.spec.name).state, `${JSON.stringify(state, null, 2)}\n`, 0o600);
}

/** Names of the clusters below LANDFALL_HOME, sorted; a folder without a readable state counts too. */
export function clusterNames(): string[] {
  const folder = join(landfallHome(), "clusters");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
