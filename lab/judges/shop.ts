/** What examples/shop compiles to, as files that judges read. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "../../src/compile/index.ts";
import type { ClusterPlan } from "../../src/compile/plan.ts";
import { registry } from "../../src/parts/index.ts";
import type { KubernetesObject } from "../../src/schema/object.ts";

const declaration = fileURLToPath(new URL("../../examples/shop/landfall.config.ts", import.meta.url));

/** The shop's one cluster, compiled. */
export async function shopCluster(): Promise<ClusterPlan> {
  const { clusters } = await compile(declaration, { registry });
  const [cluster] = clusters;
  if (!cluster) throw new Error("the shop has no cluster");
  return cluster;
}

/** Every object of a cluster, namespaces first. */
export function objectsOf(cluster: ClusterPlan): KubernetesObject[] {
  return [...cluster.namespaces, ...cluster.bundles.flatMap(({ objects }) => objects)];
}

/** The files of a ConfigMap. */
export function filesOf(cluster: ClusterPlan, name: string): Record<string, string> {
  const found = objectsOf(cluster).find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith(name),
  );
  if (!found) throw new Error(`there is no ConfigMap ${name}`);
  return found.data as Record<string, string>;
}

/** Write files into a new temporary folder; the caller removes it. */
export function writeFolder(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "landfall-judge-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
