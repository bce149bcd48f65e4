/**
 * After a release went back, the declaration still says what it set. This takes that back in the data files, so that
 * the declaration says again what runs.
 */
import { fetchFleet } from "../../emit/git/fleet.ts";
import type { Identity } from "../../emit/git/import-commit.ts";
import { loadDeclaration } from "../../model/load.ts";
import type { ChangedValue, Release } from "../../release/index.ts";
import { endedWithout, isUnseenFailure } from "../../release/order.ts";
import { type Problem, problem, throwProblems } from "../../util/errors.ts";
import { writeAll } from "../../util/write-all.ts";
import { newTexts } from "../bulk/apply.ts";
import { commitFiles, refuseUncommitted, workTreeOf } from "../bulk/commit.ts";
import { withData } from "../bulk/data-files.ts";
import { companyOf } from "../bulk/proof.ts";
import type { Patch } from "../bulk/wishes.ts";
import { isAsBefore, isAsSet, patchIn, takenBack, valuesBetween } from "./data-changes.ts";
import { commandRelease, pickRelease } from "./engine-command.ts";
import { cannotRestore } from "./restore-refusals.ts";
import { type ReleaseFleet, readFleet } from "./store.ts";

export interface Restored {
  release: Release;
  /** The fleet's commit that acknowledges it; undefined where nothing waited for that. */
  commit: string | undefined;
  /** What changed back, each value as it was found and as it is now. */
  values: ChangedValue[];
  /** Absolute paths of the data files that were written, and their commit where they are in a Git work tree. */
  files: string[];
  source: string | undefined;
  warnings: Problem[];
}

/**
 * Take back what a release set that has ended without success, and acknowledge it if nobody has. Everything is checked
 * first. Killed in between, the same command does the rest. Errors: LF4020, LF4022, LF4023, LF1019, LF3009, LF3002.
 */
export async function restoreDeclared(
  path: string,
  fleet: ReleaseFleet,
  id: string | undefined,
  { who, commit = true }: { who: Identity; commit?: boolean },
): Promise<Restored> {
  await fetchFleet(fleet, fleet.branch);
  const { releases } = await readFleet(fleet);
  const release = pickRelease(releases, id, "restore");
  throwProblems(cannotRestore(release, releases));
  const declaration = await loadDeclaration(path);
  const { changes, kept } = takeBack(declaration, valuesToTakeBack(release, releases), release);
  const next = withData(declaration, changes);
  companyOf(next.declaration);
  const files = newTexts(next.texts);
  const paths = files.map(({ path: file }) => file);
  const tree = commit && files.length > 0 ? await workTreeOf(declaration.dir) : undefined;
  if (tree !== undefined) await refuseUncommitted(tree, paths);
  const seen = isUnseenFailure(release)
    ? await commandRelease(fleet, release.id, { kind: "acknowledge" }, who)
    : undefined;
  const undo = writeAll(files);
  try {
    const message = `restore what ran before ${release.id}`;
    return {
      ...{ release: seen?.action.release ?? release, commit: seen?.commit, files: paths },
      values: valuesBetween(declaration, next.declaration, changes),
      source: tree && (await commitFiles(tree, paths, message)),
      warnings: kept.map((value) => changedSince(value, release)),
    };
  } catch (error) {
    undo();
    throw error;
  }
}

/**
 * What the release set, and before it others since the last success: clusters went back past these, too. The newest
 * first, since each one's `was` is what the one before it had set.
 */
function valuesToTakeBack(release: Release, releases: readonly Release[]): ChangedValue[] {
  const earlier = releases.slice(
    0,
    releases.findIndex(({ id }) => id === release.id),
  );
  const apps = [...new Set((release.changed ?? []).map(({ app }) => app))];
  const older = apps.flatMap((app) => {
    const own = earlier.filter(({ moves }) => moves.some(({ bundle }) => bundle === `app-${app}`)).reverse();
    const success = own.findIndex(({ phase }) => phase === "succeeded");
    return own
      .slice(0, success < 0 ? own.length : success)
      .filter(endedWithout)
      .flatMap((one) => inOrder(one).filter((value) => value.app === app));
  });
  return [...inOrder(release), ...older];
}

/** What goes before what comes: a value may have taken the place of others. */
function inOrder({ changed = [] }: Release): ChangedValue[] {
  return [
    ...changed.filter(({ was }) => was === undefined),
    ...changed.filter(({ was }) => was !== undefined),
  ];
}

/** The data files as they were, but for values that somebody has changed since. */
function takeBack(
  declaration: Parameters<typeof patchIn>[0],
  values: readonly ChangedValue[],
  { changed = [] }: Release,
) {
  const patches = new Map<string, Patch | undefined>();
  const kept: ChangedValue[] = [];
  const touched = new Map<string, ChangedValue>();
  for (const value of values) {
    const key = JSON.stringify([value.file, value.app]);
    const now = patches.has(key) ? patches.get(key) : patchIn(declaration, value.file, value.app);
    if (isAsSet(now, value)) {
      patches.set(key, takenBack(now, value));
      touched.set(key, value);
    } else if (changed.includes(value) && !isAsBefore(now, value)) kept.push(value);
  }
  const changes = [...touched].map(([key, { app, file }]) => ({
    ...{ app, scope: { file, where: whereOf(declaration, file) } },
    next: () => patches.get(key),
  }));
  return { changes, kept };
}

const whereOf = ({ dir, data }: Parameters<typeof patchIn>[0], file: string) =>
  data.find((own) => own.file === `${dir}/${file}`)?.where ?? {};

function changedSince({ app, file, path }: ChangedValue, { id }: Release): Problem {
  return {
    ...problem("LF1019", {
      what: `${app}: ${path.join(".")} stays as it is`,
      why: `somebody has changed it since ${id} set it`,
      fix: "look whether it is what shall run",
      where: { file },
    }),
    severity: "warning",
  };
}
