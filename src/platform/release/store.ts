/**
 * Releases in the fleet repo. Each action is one commit onto the head it was decided on: the release's file, and what
 * its clusters' artifacts point at. Nothing but the files concerned is read, however large the fleet is.
 */
import type { Plan } from "../../compile/plan.ts";
import { commitChanges } from "../../emit/git/commit-changes.ts";
import { type Fleet, headOf, openFleet } from "../../emit/git/fleet.ts";
import type { Identity } from "../../emit/git/import-commit.ts";
import { readBlobs, readFolder } from "../../emit/git/read.ts";
import { type Action, type Observed, parseRelease, type Release, releaseText } from "../../release/index.ts";
import { fleetLocation } from "../local-cluster.ts";
import { releasePath } from "./moves.ts";
import { pointerChanges, type TreeChanges } from "./pointer-changes.ts";
import { pointersOf } from "./pointer-revisions.ts";
import { rebased } from "./rebase.ts";
import { settleChanges } from "./settle.ts";

/** A fleet repo with the branch that Flux reads. */
export interface ReleaseFleet extends Fleet {
  branch: string;
}

/** Open the fleet repo of a company, up to date with its Git host. Errors: LF3001, LF3002. */
export async function openReleaseFleet(plan: Pick<Plan, "company" | "fleet">): Promise<ReleaseFleet> {
  const { branch } = plan.fleet;
  return { ...(await openFleet(fleetLocation(plan), branch)), branch };
}

export interface FleetReleases {
  /** Undefined while the fleet repo is empty. */
  head: string | undefined;
  /** All of them, those that are over included, in the order they were started. */
  releases: Release[];
  /** What clusters of releases that are not over are told to read at this head. */
  pointers: Observed["pointers"];
}

/** Release files by the id Git gives to them: most do not change from one look to the next. */
const parsed = new Map<string, Release>();
const mostParsed = 5000;

/** The releases at the branch's head, as it is known here. Throws LF4021 for a file that cannot be read. */
export async function readFleet(fleet: ReleaseFleet): Promise<FleetReleases> {
  const head = await headOf(fleet.repo, fleet.branch);
  if (head === undefined) return { head, releases: [], pointers: {} };
  const releases = await releasesAt(fleet.repo, head);
  return { head, releases, pointers: await pointersOf(fleet.repo, head, releases) };
}

/** The releases in a commit. */
export async function releasesAt(repo: string, commit: string): Promise<Release[]> {
  const files = [...(await readFolder(repo, commit, "releases"))].filter(([name]) => name.endsWith(".json"));
  const unknown = files.flatMap(([, { oid }]) => (parsed.has(oid) ? [] : [oid]));
  const texts = await readBlobs(repo, unknown);
  const releases = files.map(([name, { oid }]) => {
    const known = parsed.get(oid) ?? parseRelease(texts.get(oid)?.toString("utf8") ?? "", `releases/${name}`);
    if (parsed.size >= mostParsed) parsed.clear();
    parsed.set(oid, known);
    return known;
  });
  return releases.sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0));
}

/**
 * Commit one action onto the head it was decided on. `"moved"` when somebody was faster: nothing happened then, and
 * everything must be read and decided again. Throws LF4035 when what clusters shall read is not there.
 */
export async function commitAction(
  fleet: ReleaseFleet,
  head: string,
  action: Action,
  who: Identity,
): Promise<{ commit: string } | "moved"> {
  const changes = await changesOf(fleet.repo, head, action);
  const { kind, release } = action;
  return commitChanges(fleet, {
    ...{ branch: fleet.branch, base: head, write: changes.write, remove: changes.remove, author: who },
    message: messageOf(action),
    trailers: {
      "Landfall-Release": release.id,
      "Landfall-Action": kind,
      "Landfall-Step": String(release.step),
    },
  });
}

async function changesOf(repo: string, head: string, action: Action): Promise<TreeChanges> {
  const { kind, release, pointers, settle } = action;
  const file = (of: Release): [string, string] => [releasePath(of.id), releaseText(of)];
  if (kind === "rebase") {
    const { write, remove, release: next } = await rebased(repo, head, release, await releasesAt(repo, head));
    return { write: new Map([...write, file(next)]), remove };
  }
  const { write, remove } = settle
    ? await settleChanges(repo, head, { release, settle, pointers }, await releasesAt(repo, head))
    : await pointerChanges(repo, head, pointers);
  return { write: new Map([...write, file(release)]), remove };
}

/** What a person reads in the log, e.g. `release storefront 2.1.0: advance eu-1, eu-2`. */
function messageOf({ kind, release }: Action): string {
  const last = release.log.at(-1);
  const names = last?.clusters ?? [];
  const clusters = names.length > 6 ? `${names.length} clusters` : names.join(", ");
  const subject = `release ${release.title}: ${kind}${clusters && ` ${clusters}`}`;
  return last?.why ? `${subject}\n\n${last.why}` : subject;
}
