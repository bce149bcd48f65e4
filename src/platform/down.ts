import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { listClusters, stopCluster } from "../embedded/index.ts";
import { readState } from "../embedded/state/state.ts";
import { loadDeclaration } from "../model/load.ts";
import { failure } from "../util/errors.ts";
import { landfallHome } from "../util/home.ts";
import { nameHint } from "../util/known-name.ts";
import { embeddedName } from "./local-cluster.ts";

/** The embedded clusters of this machine that a declaration names. It may have errors: only its names are read. */
export async function declaredClusters(path: string): Promise<string[]> {
  const { tree } = await loadDeclaration(path);
  const declared = Object.keys((tree.clusters ?? {}) as object);
  const names = new Set(declared.map((cluster) => embeddedName(String(tree.company), cluster)));
  return (await knownClusters()).filter((name) => names.has(name));
}

/** Every embedded cluster of this machine by name, or the ones asked for. Throws LF4008 for one that is not there. */
export async function knownClusters(asked?: string[]): Promise<string[]> {
  const known = (await listClusters()).map(({ name }) => name);
  const unknown = asked?.find((name) => !known.includes(name));
  if (unknown === undefined) return asked ?? known;
  throw failure("LF4008", { what: `there is no local cluster ${unknown}`, fix: nameHint(unknown, known) });
}

/**
 * Remove embedded clusters with everything they made: processes, mounts, network, cgroups, data, and the local fleet
 * repo that no other cluster reads. With `keepData` the data and the fleet repo stay for the next `up`.
 */
export async function down(
  names: string[],
  options: { keepData: boolean; say: (line: string) => void },
): Promise<void> {
  const fleets = names.flatMap((name) => fleetOf(name));
  for (const name of names) {
    await stopCluster(name, { keepData: options.keepData, onEvent: ({ text }) => options.say(text) });
  }
  if (options.keepData) return;
  const stillRead = new Set((await knownClusters()).flatMap(fleetOf));
  for (const repo of fleets.filter((fleet) => !stillRead.has(fleet)))
    rmSync(repo, { recursive: true, force: true });
}

/** The local fleet repo a cluster was started with; a mirror of a Git host's is no data of the cluster. */
function fleetOf(name: string): string[] {
  const repo = readState(name)?.spec.fleet?.repo;
  return repo && dirname(repo) === join(landfallHome(), "fleets") ? [repo] : [];
}
