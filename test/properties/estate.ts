import fc from "fast-check";
import { compileDeclaration } from "../../src/compile/index.ts";
import { emitFleet } from "../../src/emit/flux/index.ts";
import { loadDeclaration } from "../../src/model/load.ts";
import { inFolder } from "../../src/util/testing/in-folder.ts";
import { toYaml } from "../../src/util/yaml.ts";
import { type Declared, declarations } from "./declarations.ts";
import { options, planOf } from "./plan-of.ts";
import type { Property } from "./properties.ts";
import { sameFiles } from "./same.ts";

/** Where an app is declared: in the main file, or in a file of the estate. */
const homes = [undefined, "apps", "apps/a/b", "apps/z", "more"] as const;

/** Keys that no file may have: the reader refuses them. */
const hostile = /"(?:__proto__|constructor|prototype)":/;

/** A company, and for each of its apps where it is declared. */
type Spread = [declared: Declared, homes: number[]];

export const estate: Property<Spread> = {
  title: "apps give the same fleet from the main file, from one folder of files and from many",
  cases: fc
    .tuple(declarations, fc.array(fc.nat(homes.length - 1), { minLength: 5, maxLength: 5 }))
    .filter(([{ tree }]) => !hostile.test(JSON.stringify(tree))),
  every: 100,
  async check([{ tree }, chosen]) {
    const expected = emitFleet(await planOf({ tree, data: [] }));
    await inFolder(filesOf(tree, chosen), async (folder) => {
      const plan = await compileDeclaration(await loadDeclaration(folder), options);
      sameFiles(emitFleet(plan), expected);
    });
  },
};

function filesOf(tree: Declared["tree"], chosen: number[]): Record<string, string> {
  const apps = Object.entries(tree.apps).map(([name, spec], i) => ({
    name,
    spec,
    home: homes[chosen[i] ?? 0],
  }));
  const kept = apps.filter(({ home }) => home === undefined).map(({ name, spec }) => [name, spec]);
  const own = apps.filter(({ home }) => home !== undefined);
  const folders = new Set(own.map(({ home }) => home?.split("/")[0]));
  return {
    "landfall.config.yaml": toYaml({ ...tree, include: [...folders], apps: Object.fromEntries(kept) }),
    ...Object.fromEntries(own.map(({ name, spec, home }) => [`${home}/${name}.yaml`, toYaml(spec)])),
  };
}
