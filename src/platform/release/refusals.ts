/** What keeps a release from being made, each as an error with its fix. Nothing is written before all of it is known. */
import type { Changes, UnitChange } from "../../changes/types.ts";
import { listPath, pointersIn } from "../../emit/flux/index.ts";
import { isAncestor } from "../../emit/git/commit-changes.ts";
import { readPaths } from "../../emit/git/read.ts";
import { git } from "../../emit/git/run.ts";
import { blockerOf, frozen, isMoving, isOver, type Release } from "../../release/index.ts";
import { failure, type Problem, problem } from "../../util/errors.ts";

const some = (names: readonly string[]) =>
  names.slice(0, 6).join(", ") + (names.length > 6 ? ` and ${names.length - 6} more` : "");

/** What else than contents the bundles to be released change, or need changed first. */
export function notOfContents(changes: Changes, isReleased: (unit: UnitChange) => boolean): Problem[] {
  const first = "commit it first, without a release: landfall build --commit";
  const units = changes.units.filter(isReleased).flatMap((unit): Problem[] => {
    const why = beyondContents(unit);
    return why === undefined
      ? []
      : [
          problem("LF4031", {
            what: `${unit.bundle} ${why} on ${some(unit.clusters)}`,
            why: whole,
            fix: first,
          }),
        ];
  });
  const released = new Set(changes.units.filter(isReleased).map(({ bundle }) => bundle));
  const steps = changes.steps.filter(({ bundle }) => released.has(bundle));
  const handed = [...new Set(steps.map(({ bundle }) => bundle))].map((bundle) =>
    problem("LF4031", { what: `${bundle} changes owners of its objects`, why: handing, fix: first }),
  );
  return [...units, ...handed];
}

const whole = "a release changes what a bundle holds, where clusters have it already";
const handing = "that goes out in steps of its own, which a release would take apart";

function beyondContents({ action, delivery, kind, objects }: UnitChange): string | undefined {
  if (kind === "cluster") return objects.length > 0 ? "changes namespaces" : undefined;
  if (action === "create") return "is new";
  if (action === "delete" || action === "orphan") return "is removed";
  if (action === "rename") return "is renamed";
  return delivery.length > 0 ? "changes its Kustomization" : undefined;
}

/** Secrets that the released apps may need and that clusters do not have as declared. */
export function secretsFirst(changes: Changes, namespaces: ReadonlySet<string>): Problem[] {
  return changes.units
    .filter(({ kind, owner }) => kind === "secrets" && namespaces.has(owner))
    .map(({ owner, clusters }) =>
      problem("LF4031", {
        what: `the secrets of ${owner} differ on ${some(clusters)}`,
        why: "the app would start before the values that it is given are there",
        fix: "commit them first, without a release: landfall build --commit; or release everything: landfall release start",
      }),
    );
}

/** Failed releases of the same bundles that nobody has looked at. */
export function unacknowledged(releases: readonly Release[], bundles: ReadonlySet<string>): Problem[] {
  return releases
    .filter(({ phase, acknowledged }) => (phase === "rolledBack" || phase === "halted") && !acknowledged)
    .filter(({ moves }) => moves.some(({ bundle }) => bundles.has(bundle)))
    .map(({ id, reason }) =>
      problem("LF4028", {
        what: `${id} failed, and nobody has acknowledged it`,
        why: reason ?? "it failed",
        fix: `landfall release history ${id}, then landfall release acknowledge ${id}`,
      }),
    );
}

/**
 * What clusters are told to read, and nothing explains: pointers of bundles that are neither as declared nor of a
 * release, in a commit that landfall did not make; and a history that lost the commits a release was made from.
 */
export async function unexplained(
  repo: string,
  head: string,
  releases: readonly Release[],
  declared: ReadonlyMap<string, ReadonlyMap<string, string>>,
  isReleased: (bundle: string) => boolean,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { id, base } of releases.filter((release) => !isOver(release) || !release.settled)) {
    if (await isAncestor(repo, base, head)) continue;
    problems.push(
      problem("LF4034", {
        what: `the commit that ${id} was made from is not in the fleet repo's history`,
        why: `the history was rewritten: ${base.slice(0, 10)} is gone`,
        fix: `bring the branch back with git reflog and git push, or end it: landfall release abort ${id}`,
      }),
    );
  }
  const texts = await readPaths(repo, head, [...declared.keys()].map(listPath));
  const folders = new Set(releases.map(({ id }) => id));
  const odd = [...declared].filter(([cluster, bundles]) => {
    const pointers = pointersIn(texts.get(listPath(cluster)) ?? '{"artifacts":[]}');
    return [...pointers].some(([bundle, path]) => {
      const [, release] = /^releases\/([^/]+)\//.exec(path) ?? [];
      const isKnown = release === undefined ? path === bundles.get(bundle) : folders.has(release);
      return isReleased(bundle) && bundles.has(bundle) && !isKnown;
    });
  });
  for (const [cluster] of odd) {
    const by = await lastStranger(repo, head, listPath(cluster));
    if (by) problems.push(byHand(cluster, by));
  }
  return problems;
}

/** Who changed a file last, when that was not landfall. */
async function lastStranger(repo: string, head: string, path: string): Promise<string | undefined> {
  const format = "--format=%h %an%x00%(trailers:key=Landfall-Release)%(trailers:key=Landfall-Company)";
  const { stdout } = await git(repo, ["log", "-1", format, head, "--", path]);
  const [commit = "", trailers = ""] = stdout.toString("utf8").trim().split("\0");
  return commit !== "" && trailers.trim() === "" ? commit : undefined;
}

function byHand(cluster: string, commit: string): Problem {
  return problem("LF4034", {
    what: `${commit} changed by hand what ${cluster} reads`,
    why: "a release could not tell what to go back to",
    fix: "revert that commit in the fleet repo, or take the declaration's word: landfall build --commit",
    where: { file: listPath(cluster) },
  });
}

/** What keeps this very release from going on at once, or from going on at all. */
export function standingInTheWay(release: Release, releases: readonly Release[], now: number): Problem[] {
  return [...frozen(release, now), ...(isHotfix(release) ? leftBehind(release, releases) : [])];
}

/** Whose turn comes first, for those who start it. */
export function waitsFor(release: Release, releases: readonly Release[]): Problem[] {
  const blocker = blockerOf(release, releases);
  if (!blocker) return [];
  return [
    {
      ...problem("LF4033", {
        what: `${release.id} waits until ${blocker.id} is over`,
        why: "both move the same app",
        fix: `see how it stands: landfall release status ${blocker.id}; or start a hotfix, which overtakes`,
      }),
      severity: "info",
    },
  ];
}

const isHotfix = ({ priority }: Release) => priority > 0;

/** Clusters that a running release moves and this one would leave half-way. */
function leftBehind({ id, moves }: Release, releases: readonly Release[]): Problem[] {
  const own = new Set(moves.flatMap(({ bundle, clusters }) => clusters.map((name) => `${bundle} ${name}`)));
  const bundles = new Set(moves.map(({ bundle }) => bundle));
  return releases.filter(isMoving).flatMap((other) => {
    const left = other.moves
      .filter(({ bundle }) => bundles.has(bundle))
      .flatMap(({ bundle, clusters }) => clusters.filter((name) => !own.has(`${bundle} ${name}`)));
    if (left.length === 0) return [];
    return [
      problem("LF4033", {
        what: `${other.id} moves ${some([...new Set(left)])}, which ${id} would leave as they are`,
        why: "there its values are what was good before",
        fix: `let it go back: landfall release rollback ${other.id}; or wait until it is over`,
      }),
    ];
  });
}

export function nothingToRelease(apps: readonly string[]) {
  return failure("LF4030", {
    what: apps.length > 0 ? `nothing changes for ${apps.join(", ")}` : "the fleet is as declared",
    why: "what clusters read is what the declaration gives",
    fix: "change the declaration first, or name a version: landfall release start <app> --version <version>",
  });
}

export function emptyFleet() {
  return failure("LF4030", {
    what: "the fleet repo is empty",
    why: "a release goes from one version to the next, and there is none yet",
    fix: "commit the first one: landfall build --commit, or landfall up",
  });
}
