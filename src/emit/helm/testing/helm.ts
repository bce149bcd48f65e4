/** The export as the real helm sees it. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import type { ClusterPlan } from "../../../compile/plan.ts";
import { findBinary } from "../../../embedded/binaries/find.ts";
import { withoutDigest } from "../../../kit/testing/without-digest.ts";
import type { KubernetesObject } from "../../../schema/object.ts";

let program = "";

/** Find helm, or build it. Gives its version. */
export async function prepareHelm(): Promise<string> {
  program = (await findBinary("helm")).path;
  return execFileSync(program, ["version", "--template", "{{.Version}}"], { encoding: "utf8" });
}

/** Run helm without network, configuration or cluster. Gives what it prints; throws what it says when it fails. */
export function helm(args: string[], folder: string): string {
  const home = { HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder, HOME: folder };
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env: { ...home, HTTPS_PROXY: "http://127.0.0.1:1" },
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`helm ${args.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}

export function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Objects by `apiVersion kind namespace/name`; two of one identity are an error. */
export function byIdentity(objects: KubernetesObject[]): Record<string, KubernetesObject> {
  const named = objects.map((object) => {
    const { apiVersion, kind, metadata } = object;
    return [`${apiVersion} ${kind} ${metadata.namespace}/${metadata.name}`, object] as const;
  });
  const map = Object.fromEntries(named);
  if (Object.keys(map).length !== named.length) throw new Error("two objects have one identity");
  return map;
}

/** What helm prints, read by the rules of YAML 1.1 as Kubernetes does. */
export function objectsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text, { version: "1.1" })
    .map((document) => {
      for (const error of document.errors) throw error;
      return document.toJS() as KubernetesObject | null;
    })
    .filter((object) => object !== null);
}

/**
 * The apps' objects as landfall renders them, but for their digests: who installs with Helm changes values at will, so
 * that a digest among them would say nothing of the pods.
 */
export function nativeObjects(cluster: ClusterPlan): KubernetesObject[] {
  return cluster.bundles
    .filter(({ kind }) => kind === "app")
    .flatMap(({ objects }) => objects)
    .map(withoutDigest);
}

interface Release {
  name: string;
  namespace: string;
  values: string[];
}

/** The releases of a cluster as the export lists them. */
export function releasesOf(folder: string, cluster: string): Release[] {
  const text = readFileSync(join(folder, "clusters", cluster, "helmfile.yaml"), "utf8");
  return (parse(text) as { releases: Release[] }).releases;
}

/** A chart of all releases of a cluster: see `batchOf`. */
export function batchChart(folder: string, cluster: string): string {
  const texts = releasesOf(folder, cluster).map(({ values: [path = ""] }) =>
    readFileSync(join(folder, "clusters", cluster, path), "utf8"),
  );
  return batchOf(folder, cluster, texts);
}

/**
 * A chart of many apps by their values, since one start of helm costs more than an app. Each is the generic chart
 * under a number as its alias; what its release would be called goes nowhere.
 */
export function batchOf(folder: string, name: string, values: string[]): string {
  const batch = join(folder, `batch-${name}`);
  mkdirSync(join(batch, "charts"), { recursive: true });
  cpSync(join(folder, "chart"), join(batch, "charts/app"), { recursive: true });
  const dependencies = values.map((_, i) => ({ name: "app", version: "1.0.0", alias: `app-${i}` }));
  const chart = { apiVersion: "v2", name: "batch", version: "1.0.0", dependencies };
  writeFileSync(join(batch, "Chart.yaml"), JSON.stringify(chart));
  const texts = values.map((text, i) => `app-${i}:\n${text.replace(/^(?=.)/gm, "  ")}`);
  writeFileSync(join(batch, "values.yaml"), texts.join("") || "{}");
  return batch;
}
