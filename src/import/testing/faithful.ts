import { expect } from "vitest";
import { identityOf } from "../../compile/identity.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { renderTree } from "../assemble.ts";
import { type Imported, type ImportOptions, importObjects } from "../import-objects.ts";
import { equalObjects, normalForm } from "../normal-form.ts";
import { prepare } from "../prepare.ts";
import { readObjects } from "../read-objects.ts";
import type { Source } from "../source.ts";

export const options: ImportOptions = {
  company: "shop",
  namespace: "shop",
  cluster: { name: "local" },
  today: "2026-11-21",
};

/** Import a manifest as `landfall import` does. */
export function importYaml(
  yaml: string,
  more: Partial<ImportOptions> = {},
): Imported & { sources: Source[] } {
  const { sources } = readObjects(yaml, "test.yaml");
  return { ...importObjects(sources, { ...options, ...more }), sources };
}

/** Everything that the imported apps are rendered to. */
export function rendered({ tree }: Pick<Imported, "tree">): KubernetesObject[] {
  return [...renderTree(tree).values()].flatMap(({ objects }) => objects);
}

/** That building gives what was imported, object by object, and nothing else; and that each object has one outcome. */
export function expectFaithful(imported: Imported & { sources: Source[] }): void {
  expect(imported.outcomes).toHaveLength(imported.sources.length);
  const left = new Set(imported.outcomes.filter(({ as }) => as === "left").map(({ object }) => object));
  const { sources } = prepare(imported.sources, "shop");
  const originals = sources.map(({ object }) => object).filter((object) => !left.has(identityOf(object)));
  expectSame(rendered(imported), originals);
}

/** That two lists hold the same objects, in any order. */
export function expectSame(made: KubernetesObject[], originals: KubernetesObject[]): void {
  expect(made.map(identityOf).sort()).toEqual(originals.map(identityOf).sort());
  for (const original of originals) {
    const same = made.find((object) => equalObjects(object, original));
    const near = made.find((object) => identityOf(object) === identityOf(original));
    if (!same) expect(near && normalForm(near)).toEqual(normalForm(original));
    expect(same).toBeDefined();
  }
}
