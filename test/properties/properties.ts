/**
 * What must hold of every declaration and every value, each as one check of one random case. `properties.test.ts` runs
 * some hundred cases of each in `npm test`; `npm run test:properties` runs a hundred thousand.
 */
import fc from "fast-check";
import { loadAll } from "js-yaml";
import { parse } from "yaml";
import type { ClusterPlan, Plan } from "../../src/compile/plan.ts";
import { emitFleet, type FleetFiles } from "../../src/emit/flux/index.ts";
import type { KubernetesObject } from "../../src/schema/object.ts";
import { yamlValue } from "../../src/util/testing/yaml-values.ts";
import { toYaml } from "../../src/util/yaml.ts";
import { type Declared, declarations } from "./declarations.ts";
import { estate } from "./estate.ts";
import { planOf } from "./plan-of.ts";
import { reading } from "./reading.ts";
import { same, sameFiles } from "./same.ts";
import { shuffled } from "./shuffled.ts";

export interface Property<T> {
  title: string;
  cases: fc.Arbitrary<T>;
  /** Cases that are slow are drawn less often: one for so many of the others'. @default 1 */
  every?: number;
  /** Throws where the case does not hold. */
  check(value: T): Promise<void> | void;
}

const compiled: Property<[Declared, number]> = {
  title:
    "compile sees no order of apps, clusters and keys, and its fleet, read again, holds the plan's objects",
  cases: fc.tuple(declarations, fc.nat()),
  async check([declared, seed]) {
    const before = JSON.stringify(declared);
    const plan = await planOf(declared);
    const fleet = emitFleet(plan);
    if (JSON.stringify(declared) !== before) throw new Error("compiling changed the declaration");
    readBack(plan, fleet);
    const other = emitFleet(await planOf(shuffled(declared, seed)));
    sameFiles(other, fleet);
  },
};

const written: Property<unknown> = {
  title: "what the YAML writer writes is read as it was, by readers of YAML 1.1 and 1.2",
  cases: yamlValue,
  check(value) {
    const text = toYaml(value);
    const expected = JSON.stringify(value);
    same("YAML 1.1", JSON.stringify(parse(text, { version: "1.1", merge: true })), expected);
    same("YAML 1.2", JSON.stringify(parse(text, { version: "1.2" })), expected);
  },
};

export const properties: Property<never>[] = [compiled, written, reading, estate] as Property<never>[];

/** Every artifact of every cluster holds what the plan says, and every bundle with objects is in an artifact. */
function readBack({ clusters }: Plan, fleet: FleetFiles): void {
  for (const cluster of clusters) {
    const expected = new Map(cluster.bundles.map(({ name, objects }) => [name, byIdentity(objects)]));
    for (const { name, path } of artifactsOf(fleet, cluster)) {
      if (!expected.has(name)) continue;
      same(`${cluster.name} ${name}`, byIdentity(objectsAt(fleet, path)), expected.get(name));
      expected.delete(name);
    }
    for (const [name, objects] of expected) same(`${cluster.name} ${name} has no artifact`, objects, "[]");
  }
}

function artifactsOf(files: FleetFiles, { name }: ClusterPlan): { name: string; path: string }[] {
  return JSON.parse(files.get(`clusters/${name}/artifacts.json`) ?? "{}").artifacts;
}

/** The objects of a variant, which is one file of documents or a folder of files. */
function objectsAt(files: FleetFiles, path: string): KubernetesObject[] {
  const found = [...files].filter(([file]) => file === path || file.startsWith(`${path}/`));
  return found.flatMap(([, text]) => loadAll(text) as KubernetesObject[]);
}

/** Objects in one order, keys as they are: those a reader gets back in the order they were written. */
function byIdentity(objects: KubernetesObject[]): string {
  const texts = objects.map((object) => {
    const { apiVersion, kind, metadata } = object;
    return [`${apiVersion} ${kind} ${metadata.namespace} ${metadata.name}`, JSON.stringify(object)] as const;
  });
  return JSON.stringify(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
