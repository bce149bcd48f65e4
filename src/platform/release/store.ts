/**
 * Releases in the fleet repo. Each action is one commit onto the head it was decided on: the release's file, and what
 * its clusters' artifacts point at. Nothing but the files concerned is read, however large the fleet is.
 */
import type { Plan } from "../../compile/plan.ts";
import { publishCommit } from "../../emit/git/commit-changes.ts";
import { type Fleet, headOf, openFleet } from "../../emit/git/fleet.ts";
import { type Identity, importChain, importCommit } from "../../emit/git/import-commit.ts";
import { readBlobs, readFolder } from "../../emit/git/read.ts";
import { type Action, type Observed, parseRelease, type Release, releaseText } from "../../release/index.ts";
import { fleetLocation } from "../local-cluster.ts";
import { releasePath } from "./moves.ts";
import { listsOf, pointerChanges } from "./pointer-changes.ts";
import { pointersOf } from "./pointer-revisions.ts";
import { rebased } from "./rebase.ts";
import { settleChanges, settlePaths } from "./settle.ts";
import { type TreeChanges, treeView } from "./tree-view.ts";

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
  // What is known now is taken out now: it may all be forgotten while Git is waited for.
  const known = files.map(([, { oid }]) => parsed.get(oid));
  const unknown = files.flatMap(([, { oid }], i) => (known[i] ? [] : [oid]));
  const texts = await readBlobs(repo, unknown);
  const releases = files.map(
    ([name, { oid }], i) =>
      known[i] ?? parseRelease(texts.get(oid)?.toString("utf8") ?? "", `releases/${name}`),
  );
  if (parsed.size + unknown.length > mostParsed) parsed.clear();
  for (const [i, [, { oid }]] of files.entries()) parsed.set(oid, releases[i] as Release);
  return releases.sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0));
}

/** An action, and its commit. */
export interface Committed {
  action: Action;
  commit: string;
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
): Promise<Committed | "moved"> {
  const done = await commitActions(fleet, head, [action], who);
  return done === "moved" ? done : (done[0] as Committed);
}

/**
 * Commit actions of different releases, decided on one head: one commit each, and all published at once, so that many
 * releases cost one push a round. All or none: `"moved"` when somebody was faster. Throws LF4035, then nothing happened.
 */
export async function commitActions(
  fleet: ReleaseFleet,
  head: string,
  actions: readonly Action[],
  who: Identity,
): Promise<Committed[] | "moved"> {
  const { repo, branch } = fleet;
  if (fleet.remote === undefined && (await headOf(repo, branch)) !== head) return "moved";
  const [anew, others] = [actions.filter(isAnew), actions.filter((action) => !isAnew(action))];
  const done = await importSteps(repo, head, others, who);
  for (const action of anew) {
    const parent = done.at(-1)?.commit ?? head;
    const releases = await releasesAt(repo, parent);
    const { write, remove, release } = await rebased(repo, parent, action.release, releases);
    const commit = commitOf(action, { write: new Map([...write, fileOf(release)]), remove }, who);
    done.push({ action, commit: await importCommit(repo, { ...commit, parent }) });
  }
  const last = done.at(-1);
  if (!last) return [];
  return (await publishCommit(fleet, { branch, commit: last.commit, base: head })) ? done : "moved";
}

/** It needs a commit to look at, not only what a step before it writes. */
const isAnew = ({ kind }: Action) => kind === "rebase";

/** Actions as commits, each onto the one before it; what several of them read is read once. */
async function importSteps(
  repo: string,
  head: string,
  actions: readonly Action[],
  who: Identity,
): Promise<Committed[]> {
  if (actions.length === 0) return [];
  const view = treeView(repo, head);
  await view.entries(
    actions.flatMap(({ release, pointers, settle }) => [
      ...pointers.map(({ path }) => path),
      ...(settle ? settlePaths(release) : []),
    ]),
  );
  await view.texts(listsOf(actions.flatMap(({ pointers }) => pointers)));
  const settling = actions.some(({ settle }) => settle !== undefined);
  const releases = new Map((settling ? await releasesAt(repo, head) : []).map((one) => [one.id, one]));
  const commits = [];
  for (const action of actions) {
    const { release, pointers, settle } = action;
    const { write, remove } = settle
      ? await settleChanges(view, { release, settle, pointers }, [...releases.values()])
      : await pointerChanges(view, pointers);
    const changes = { write: new Map([...write, fileOf(release)]), remove };
    view.apply(changes);
    if (settling) for (const one of releasesIn(changes)) releases.set(one.id, one);
    commits.push(commitOf(action, changes, who));
  }
  const made = await importChain(repo, head, commits);
  return actions.map((action, i) => ({ action, commit: made[i] ?? "" }));
}

/** The release files that a step writes: its own, and those of releases that are settled by it. */
function releasesIn({ write }: TreeChanges): Release[] {
  return [...write].flatMap(([path, text]) =>
    /^releases\/[^/]+\.json$/.test(path) && typeof text === "string" ? [parseRelease(text, path)] : [],
  );
}

function commitOf(action: Action, { write, remove }: TreeChanges, author: Identity) {
  const { kind, release } = action;
  const trailers = {
    "Landfall-Release": release.id,
    "Landfall-Action": kind,
    "Landfall-Step": String(release.step),
  };
  return { write, remove, author, message: messageOf(action), trailers };
}

function fileOf(release: Release): [string, string] {
  return [releasePath(release.id), releaseText(release)];
}

/** What a person reads in the log, e.g. `release storefront 2.1.0: advance eu-1, eu-2`. */
function messageOf({ kind, release }: Action): string {
  const last = release.log.at(-1);
  const names = last?.clusters ?? [];
  const clusters = names.length > 6 ? `${names.length} clusters` : names.join(", ");
  const subject = `release ${release.title}: ${kind}${clusters && ` ${clusters}`}`;
  return last?.why ? `${subject}\n\n${last.why}` : subject;
}
