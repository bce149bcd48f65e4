/**
 * Kustomize has no loops, so the objects of each app are written out in full beforehand, which is not timed: what is
 * left to it is reading, ordering and writing. A kustomization an app, with its labels and image tag, takes twice as
 * long.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AppFacts } from "../app-facts.ts";
import { objectsOf } from "../js-yaml/objects.ts";

/** Apps a shard: a build of this many is where starting a process and kustomize's growth cost least together. */
export const shardSize = 25;

/** `all/` builds everything at once, `shards/N/` builds `shardSize` apps each. Kustomize reads no file of a parent. */
export function writeKustomize(folder: string, apps: AppFacts[]): void {
  writeKustomization(join(folder, "all"), apps);
  for (let i = 0; i < apps.length; i += shardSize)
    writeKustomization(join(folder, "shards", String(i / shardSize)), apps.slice(i, i + shardSize));
}

function writeKustomization(folder: string, apps: AppFacts[]): void {
  mkdirSync(folder, { recursive: true });
  for (const app of apps) {
    const documents = objectsOf(app).map((object) => JSON.stringify(object));
    writeFileSync(join(folder, `${app.name}.yaml`), documents.join("\n---\n"));
  }
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: apps.map(({ name }) => `${name}.yaml`),
  };
  writeFileSync(join(folder, "kustomization.yaml"), JSON.stringify(kustomization));
}
