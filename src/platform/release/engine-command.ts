import { fetchFleet } from "../../emit/git/fleet.ts";
import type { Identity } from "../../emit/git/import-commit.ts";
import { type Command, command, isOver, type Release } from "../../release/index.ts";
import { endedWithout, isUnseenFailure } from "../../release/order.ts";
import { didYouMean } from "../../util/did-you-mean.ts";
import { failure, LandfallError } from "../../util/errors.ts";
import type { Step } from "./engine.ts";
import { commitAction, type ReleaseFleet, readFleet } from "./store.ts";

/** How often somebody else may be faster before this gives up. */
const tries = 20;

/**
 * Commit what a person asks of a release. Errors: what `command` refuses (LF4020, LF4022 to LF4025), LF3002, LF3003.
 */
export async function commandRelease(
  fleet: ReleaseFleet,
  id: string | undefined,
  asked: Command,
  who: Identity,
): Promise<Step> {
  for (let attempt = 0; attempt < tries; attempt++) {
    await fetchFleet(fleet, fleet.branch);
    const { head, releases } = await readFleet(fleet);
    const release = pickRelease(releases, id, asked.kind);
    const action = command(releases, release.id, asked, { by: who.email, at: Date.now() });
    if ("code" in action) throw new LandfallError([action]);
    const done = head === undefined ? "moved" : await commitAction(fleet, head, action, who);
    if (done !== "moved") return { action, commit: done.commit };
  }
  throw failure("LF3003", {
    what: "the fleet repo moves faster than the release",
    why: `${tries} times somebody else committed in between`,
    fix: "run the command again",
  });
}

/**
 * The release that is meant: the one named, by its id, the start of one, or an app's name; without a name the only one
 * that a command can be about. Throws LF4020.
 */
export function pickRelease(releases: readonly Release[], name: string | undefined, kind: Kind): Release {
  const concerned = releases.filter(concernedBy(kind));
  const candidates = concerned.length === 0 ? releases.filter(otherwise(kind)) : concerned;
  if (name === undefined) return only(candidates, releases, kind);
  const exact = releases.find(({ id }) => id === name);
  if (exact) return exact;
  const like = (some: readonly Release[]) =>
    some.filter(({ id, origins }) => id.startsWith(name) || origins.some(({ app }) => app === name));
  const [open, all] = [like(candidates), like(releases)];
  const found = open.length > 0 ? open : all;
  // Where none can be meant, the newest says best why not.
  const newestIsMeant = kind === "show" || open.length === 0;
  if (found.length === 1 || (newestIsMeant && found.length > 0)) return found.at(-1) as Release;
  throw notTold(name, found, releases);
}

function notTold(name: string, found: readonly Release[], releases: readonly Release[]): LandfallError {
  if (found.length > 1) {
    return failure("LF4020", {
      what: `${name} may be one of ${found.length} releases`,
      fix: `name one: ${newest(found)}`,
    });
  }
  const ids = releases.map(({ id }) => id);
  const near = didYouMean(name, ids);
  const others = ids.length > 0 ? `there are ${newest(releases)}` : "start one: landfall release start";
  return failure("LF4020", {
    what: `there is no release ${name}`,
    fix: near ? `did you mean ${near}?` : others,
  });
}

type Kind = Command["kind"] | "show" | "restore";

function concernedBy(kind: Kind): (release: Release) => boolean {
  if (kind === "show") return () => true;
  if (kind === "acknowledge" || kind === "restore") return isUnseenFailure;
  return (release) => !isOver(release);
}

/** What may be meant where nothing is concerned at first sight. */
function otherwise(kind: Kind): (release: Release) => boolean {
  return (release) =>
    (kind === "rollback" && release.phase === "succeeded") || (kind === "restore" && endedWithout(release));
}

function only(candidates: readonly Release[], all: readonly Release[], kind: string): Release {
  const [first] = candidates;
  if (first && candidates.length === 1) return first;
  const last = candidates.at(-1);
  if (last && (kind === "show" || (kind === "restore" && !isUnseenFailure(last)))) return last;
  throw failure("LF4020", {
    what: first ? `${candidates.length} releases may be meant` : `there is no release to ${kind}`,
    fix: first
      ? `name one: ${newest(candidates)}`
      : all.length > 0
        ? "landfall release history lists those there were"
        : "start one: landfall release start",
  });
}

function newest(releases: readonly Release[]): string {
  return releases
    .slice(-8)
    .map(({ id }) => id)
    .reverse()
    .join(", ");
}
