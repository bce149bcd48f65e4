import { rmSync } from "node:fs";
import { listClusters, stopCluster } from "../embedded/index.ts";
import { loadDeclaration } from "../model/load.ts";
import { embeddedName, localFleetPath } from "./local-cluster.ts";

/**
 * Remove the embedded clusters of a declaration with everything they made: processes, mounts, network, cgroups,
 * data, and the local fleet repo. With `keepData` the data and the fleet repo stay for the next `up`.
 * Works also while the declaration has errors: only its names are read. Returns what was there.
 */
export async function down(
  path: string,
  options: { keepData: boolean; say: (line: string) => void },
): Promise<string[]> {
  const { tree } = await loadDeclaration(path);
  const company = String(tree.company);
  const known = new Set((await listClusters()).map(({ name }) => name));
  const declared = Object.keys((tree.clusters ?? {}) as object).map((cluster) =>
    embeddedName(company, cluster),
  );
  const names = declared.filter((name) => known.has(name));
  for (const name of names) {
    await stopCluster(name, { keepData: options.keepData, onEvent: ({ text }) => options.say(text) });
  }
  if (!options.keepData) rmSync(localFleetPath(company), { recursive: true, force: true });
  return names;
}
