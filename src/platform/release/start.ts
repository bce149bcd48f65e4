/**
 * A release is made: the declaration with what is wanted, compiled once and compared with the fleet's head, becomes a
 * release file and the contents it moves between. Everything is checked before anything is written; then the data files
 * are written and committed, and last the release. Killed in between, the same command makes the release.
 */
import { fleetTree } from "../../changes/fleet-tree.ts";
import { compareFleets } from "../../changes/index.ts";
import type { UnitChange } from "../../changes/types.ts";
import { compileDeclaration } from "../../compile/index.ts";
import type { Plan } from "../../compile/plan.ts";
import { commitChanges } from "../../emit/git/commit-changes.ts";
import { fetchFleet } from "../../emit/git/fleet.ts";
import type { Identity } from "../../emit/git/import-commit.ts";
import { loadDeclaration } from "../../model/load.ts";
import { registry } from "../../parts/index.ts";
import { type Release, releaseText } from "../../release/index.ts";
import { failure, type LandfallError, type Problem, throwProblems } from "../../util/errors.ts";
import { shipImages } from "../deliver.ts";
import { declaredTree, gitTree } from "../plan-trees.ts";
import { queryProblems } from "./check-queries.ts";
import { imageProblems } from "./image-versions.ts";
import { type Moves, movesBetween, releasePath } from "./moves.ts";
import { newId, newRelease } from "./new-release.ts";
import { pairsBetween, releasedBundles } from "./pairs.ts";
import * as refuse from "./refusals.ts";
import { openReleaseFleet, type ReleaseFleet, readFleet } from "./store.ts";
import { type Wanted, type WantedValues, wantedBy } from "./wanted.ts";
import { overruled, refuseMixed, writeWanted } from "./write-wanted.ts";

export interface StartOptions extends WantedValues {
  /** @default the apps and the version */
  title?: string;
  /** Overtakes other releases, and passes freezes. */
  hotfix?: boolean;
  /** Who starts it, as they sign their commits. */
  who: Identity;
  /** Check everything, write nothing. */
  dryRun?: boolean;
  /** Take a version of an image although its registry cannot be reached. */
  unchecked?: boolean;
  /** Commit the data files where the declaration is in a Git work tree. @default true */
  commit?: boolean;
  say?: (line: string) => void;
  signal?: AbortSignal;
  /** Epoch milliseconds. */
  now?: number;
}

export interface Started {
  release: Release;
  /** Of the fleet repo; undefined in a dry run. */
  commit: string | undefined;
  /** Data files of the declaration that were written, and their commit. */
  files: string[];
  source: string | undefined;
  /** What else differs between the declaration and the fleet, and is not released. */
  left: UnitChange[];
  warnings: Problem[];
}

/** How often somebody else may be faster before this gives up. */
const tries = 5;

/**
 * Make a release of the declaration at `path`: of some apps at a version or with other values, of apps as they are
 * declared, or of every content that differs. Errors: LF4026, LF4028, LF4030 to LF4034, LF1005, LF1018, LF1019, and
 * whatever keeps the declaration from being compiled.
 */
export async function startRelease(path: string, options: StartOptions): Promise<Started> {
  const { signal = new AbortController().signal, say = () => undefined, dryRun = false } = options;
  const wanted = wantedBy(await loadDeclaration(path), options);
  const queries = await queryProblems(wanted.company, signal);
  throwProblems(queries);
  await refuseMixed(wanted, options.commit !== false);
  const plan = await compileDeclaration(wanted.declaration, { registry });
  const fleet = await openReleaseFleet(plan);
  const first = await draft(fleet, plan, wanted, options);
  const typed = !options.unchecked && isTag(wanted, options);
  const images = await imageProblems(plan, first.moves.images, { typed, signal });
  throwProblems(images);
  const done = { left: first.left, warnings: [...queries, ...images, ...first.warnings, ...plan.warnings] };
  if (dryRun) return { ...done, release: first.release, commit: undefined, files: [], source: undefined };
  await shipImages(plan, { say, signal });
  const written = await writeWanted(wanted, options, first.release.title);
  for (let attempt = 1; ; attempt++) {
    const { release, moves } = await draft(fleet, plan, wanted, { ...options, ...written });
    const made = await commitRelease(fleet, release, moves, options.who);
    if (made !== "moved") return { ...done, ...written, release, commit: made.commit };
    if (attempt === tries) throw tooBusy();
    await fetchFleet(fleet, fleet.branch);
  }
}

/** A version that no app declares by name is a tag or a digest of its image, as somebody has typed it. */
function isTag({ company }: Wanted, { apps, version }: StartOptions): boolean {
  return version !== undefined && apps.some((app) => !company.appOn(app, undefined).versions[version]);
}

interface Draft {
  release: Release;
  moves: Moves;
  left: UnitChange[];
  warnings: Problem[];
}

/** The release as it would be made now. Throws with everything that keeps it from being made. */
async function draft(
  fleet: ReleaseFleet,
  plan: Plan,
  wanted: Wanted,
  options: StartOptions & { source?: string | undefined },
): Promise<Draft> {
  const { head, releases } = await readFleet(fleet);
  if (head === undefined) throw refuse.emptyFleet();
  const [headTree, nextTree] = [await gitTree(fleet.repo, head), declaredTree(plan)];
  const [before, after] = [await fleetTree(headTree), await fleetTree(nextTree)];
  const compared = { repo: fleet.repo, head, before, after, releases };
  const { apps, now = Date.now() } = options;
  const bundles = releasedBundles(compared, apps);
  const changes = await compareFleets(headTree, nextTree);
  const isReleased = ({ bundle, kind }: UnitChange) =>
    bundles.has(bundle) || (apps.length === 0 && kind === "cluster");
  const namespaces = new Set(
    apps.map((app) => wanted.company.spec.apps[app]?.namespace ?? wanted.company.spec.company),
  );
  const problems = [
    ...refuse.notOfContents(changes, isReleased),
    ...(apps.length > 0 ? refuse.secretsFirst(changes, namespaces) : []),
    ...refuse.unacknowledged(releases, bundles),
    ...(await refuse.unexplained(fleet.repo, head, releases, after.clusters, (name) => bundles.has(name))),
  ];
  throwProblems(problems);
  const named = { apps, version: options.version, title: options.title, company: plan.company, now };
  const id = newId(named, releases);
  const moves = await movesBetween(id, await pairsBetween(compared, bundles), before, after);
  if (moves.moves.length === 0) throw refuse.nothingToRelease(apps);
  const { hotfix = false, who, source } = options;
  const release = newRelease({ ...named, id, hotfix, by: who.email, source, wanted, moves, head });
  throwProblems(refuse.standingInTheWay(release, releases, now));
  const left = changes.units.filter((unit) => !isReleased(unit));
  return { release, moves, left, warnings: [...overruled(wanted), ...refuse.waitsFor(release, releases)] };
}

async function commitRelease(fleet: ReleaseFleet, release: Release, { write }: Moves, author: Identity) {
  return commitChanges(fleet, {
    ...{ branch: fleet.branch, base: release.base, remove: [], author },
    write: [...write, [releasePath(release.id), releaseText(release)]],
    message: `release ${release.title}: queued`,
    trailers: { "Landfall-Release": release.id, "Landfall-Action": "queue", "Landfall-Step": "0" },
  });
}

function tooBusy(): LandfallError {
  return failure("LF3003", {
    what: "the fleet repo moves faster than the release can be made",
    why: `${tries} times somebody else committed in between`,
    fix: "run the command again",
  });
}
