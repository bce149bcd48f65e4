/**
 * Brings a declaration's sources to the newest form. What must hold: nothing is written unless the rewritten sources
 * compile to the same fleet, to the byte, as the old ones read by the old form's reader.
 */
import { readFileSync } from "node:fs";
import { compileDeclaration } from "../compile/index.ts";
import type { Registry } from "../compile/wire.ts";
import { emitFleet, type FleetFiles } from "../emit/flux/index.ts";
import { formVersion } from "../model/company.ts";
import type { Declaration } from "../model/declaration.ts";
import { findDeclaration, loadDeclaration } from "../model/load.ts";
import { failure, LandfallError, problem } from "../util/errors.ts";
import { withCopy } from "./aside.ts";
import { migrations, stepsFrom } from "./migrations.ts";
import { type ChangedFile, type FoundObstacle, rewriteFiles } from "./rewrite.ts";
import type { MigrationStep } from "./types.ts";

export interface Migration {
  from: number;
  to: number;
  /** What changes in the form, for people. */
  changes: string[];
  /** The files that change; none where the declaration is of the newest form. */
  files: ChangedFile[];
  /** The objects' files that both forms give alike. */
  fleetFiles: number;
}

/**
 * Work out the migration of the declaration at `path`, and prove it; nothing is written. Throws LF1021 where a place
 * cannot be rewritten, LF1022 where the plan would change, and what is wrong with the declaration.
 */
export async function planMigration(path: string, registry: Registry): Promise<Migration> {
  const main = findDeclaration(path);
  const old = await loadDeclaration(main);
  const from = versionOf(old);
  const steps = stepsFrom(from);
  if (steps.length === 0) return { from, to: from, changes: [], files: [], fleetFiles: 0 };

  const sources = sourcesOf(old, main);
  const { changed, obstacles } = rewriteFiles(sources, steps);
  const texts = new Map(sources.map((file) => [file, readFileSync(file, "utf8")]));
  for (const { path: file, text } of changed) texts.set(file, text);
  const { tree } = await withCopy(main, texts, loadDeclaration);
  refuseLeftovers(old, tree, steps, obstacles);

  const converted = steps.reduce((value, step) => step.tree(value), old.tree);
  // What lies in values/ meant nothing before.
  const before = await fleetOf({ ...old, tree: converted, data: [] }, registry);
  const after = await fleetOf({ ...old, tree }, registry);
  refuseDifference(before, after);
  const changes = steps.flatMap((step) => step.changes);
  return { from, to: formVersion, changes, files: changed, fleetFiles: after.size };
}

/** The version a declaration names. Throws LF1003 where it is none that there was. */
function versionOf({ tree, place }: Declaration): number {
  const { landfall: version } = tree;
  const known = [...migrations.map(({ from }) => from), formVersion];
  if (typeof version === "number" && known.includes(version)) return version;
  throw failure("LF1003", {
    what: `landfall: ${version === undefined ? "no version is named" : `there is no version ${JSON.stringify(version)}`}`,
    fix: `the versions are ${known.join(", ")}; a declaration with \`environments\` below an app is of version 1`,
    where: place(["landfall"]),
  });
}

/** The files a declaration consists of, the main one first; packages are not its own. */
function sourcesOf({ sources }: Declaration, main: string): string[] {
  const own = sources.map(({ path }) => path).filter((path) => !path.includes("/node_modules/"));
  return [...new Set([main, ...own])];
}

/** Everything of the old form must be gone: what is left was made where no codemod could see it. */
function refuseLeftovers(
  old: Declaration,
  tree: Declaration["tree"],
  steps: readonly MigrationStep[],
  obstacles: FoundObstacle[],
): void {
  const newest = steps.at(-1)?.to;
  const left = steps.flatMap((step) => step.left(tree));
  const paths = tree.landfall === newest ? left : [["landfall"], ...left];
  if (paths.length === 0) return;
  throw new LandfallError(
    paths.map((path) => {
      const where = old.place(path);
      const obstacle = obstacles.find(
        ({ place, lines: [first, last] }) =>
          place.file === where.file && first <= (where.line ?? 0) && (where.line ?? 0) <= last,
      );
      return problem("LF1021", {
        what: `${path.join(".")} cannot be migrated where it stands`,
        why: obstacle ? `${obstacle.what} brings it` : "it is made elsewhere",
        fix: "write it into the literal of its app(…) or company(…), or change it by hand; nothing was written",
        where: obstacle ? { ...obstacle.place, path: path.join(".") } : where,
      });
    }),
  );
}

async function fleetOf(declaration: Declaration, registry: Registry): Promise<FleetFiles> {
  return emitFleet(await compileDeclaration(declaration, { registry }));
}

function refuseDifference(before: FleetFiles, after: FleetFiles): void {
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  if (paths.length === 0) return;
  throw failure("LF1022", {
    what: `the migrated declaration would change ${paths.length} files of the fleet: ${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ", …" : ""}`,
    why: "migrating changes the form alone, never what runs",
    fix: "write what differs in one way that both versions read alike, and migrate again; nothing was written",
  });
}
