/**
 * Clusters that were away when a release ended. They were pointed at its outcome like all others, nothing waits for them
 * and nothing more is recorded of them; whether they have caught up since follows from what they say when somebody asks.
 */

import type { Content, Move } from "../../release/move.ts";
import type { BundleSeen, Observed } from "../../release/observed.ts";
import { clustersOf, movesOf, pointerOf } from "../../release/pairs.ts";
import { failureOf, missing } from "../../release/proof.ts";
import type { Phase, Release } from "../../release/release.ts";
import type { OpenReleases } from "./engine-open.ts";
import { pointersFor } from "./pointer-revisions.ts";

export interface Late {
  name: string;
  /** `elsewhere`: a later release or commit has it read other content, so this one is no more its affair. */
  is: "proven" | "notYet" | "failed" | "away" | "unknown" | "elsewhere";
  /** In words, for people: `at the new version, proven`. */
  text: string;
}

const ahead: ReadonlySet<Phase> = new Set<Phase>(["succeeded"]);
const back: ReadonlySet<Phase> = new Set<Phase>(["rolledBack", "aborted"]);

/** The clusters that were away at the end of a release that is over; none of one that is not. */
export function lateClusters(release: Release): string[] {
  const { phase, clusters } = release;
  // One that was skipped was told of the new version only when it succeeded, and never left the old one before.
  const states = ahead.has(phase) ? ["away", "skipped"] : back.has(phase) ? ["away"] : [];
  return clustersOf(release).filter((name) => states.includes(clusters[name]?.state ?? ""));
}

/** Ask the late clusters of a release how they are. Nobody is asked where there are none. */
export async function askLate(
  { clusters, fleet }: Pick<OpenReleases, "clusters" | "fleet">,
  release: Release,
  head: string | undefined,
): Promise<Late[]> {
  const names = lateClusters(release);
  if (names.length === 0 || head === undefined) return [];
  const [seen, pointers] = await Promise.all([
    clusters.observe(names, [release]),
    pointersFor(fleet.repo, head, [release]),
  ]);
  return lateSeen(release, { clusters: seen, pointers, gates: [] }, clusters.silence);
}

/** How the late clusters are, by what was seen of them. */
export function lateSeen(
  release: Release,
  seen: Observed,
  silence: (cluster: string) => string | undefined = () => undefined,
): Late[] {
  const version = ahead.has(release.phase) ? "the new version" : "the last good version";
  return lateClusters(release).map((name): Late => {
    const moves = movesOf(release, name);
    const contents = moves.map((move) => [move, wantedOf(release, seen, name, move)] as const);
    if (contents.some(([, content]) => content === undefined))
      return { name, is: "elsewhere", text: "told something else since" };
    const at = seen.clusters[name];
    if (!at) return { name, is: "unknown", text: silence(name) ?? "it was not asked" };
    if (!at.reachable)
      return { name, is: "away", text: `still away: ${silence(name) ?? "it does not answer"}` };
    const open = contents.map(([move, content]) => openOf(move, content as Content, at.bundles[move.bundle]));
    const failure = open.find(({ failed }) => failed)?.failed;
    if (failure) return { name, is: "failed", text: `does not get to ${version}: ${failure}` };
    const why = open.find(({ waits }) => waits)?.waits;
    return why
      ? { name, is: "notYet", text: `not at ${version} yet: ${why}` }
      : { name, is: "proven", text: `at ${version}, proven` };
  });
}

/** What the release has the cluster read; undefined where the fleet's head has it read something else. */
function wantedOf({ phase }: Release, seen: Observed, cluster: string, move: Move): Content | undefined {
  const pointer = pointerOf(seen, cluster, move.bundle);
  const own = ahead.has(phase) ? [move.to] : [move.from, move.back];
  return own.find(({ revision }) => revision === pointer);
}

function openOf(
  move: Move,
  content: Content,
  seen: BundleSeen | undefined,
): { failed?: string | undefined; waits?: string | undefined } {
  const named = seen && byPods(move, content, seen);
  return { failed: failureOf(content, named, true)?.value, waits: missing(content, named) };
}

/**
 * Once contents have settled, a cluster that reads from a Git host calls them by the archives that it packed, which
 * nobody else can tell apart. There the pods tell: a revision that is none of the release's counts as the content's own
 * where every workload names the template it serves, and one at least does.
 */
function byPods(move: Move, content: Content, seen: BundleSeen): BundleSeen {
  const own = [move.from, move.to, move.back].map(({ revision }) => revision);
  const isOwn = (revision: string | undefined) => revision === undefined || own.includes(revision);
  const telling = content.workloads.length > 0 && content.workloads.every(({ template }) => template);
  if (isOwn(seen.applied) || !telling) return seen;
  return {
    ...seen,
    applied: content.revision,
    ...(!isOwn(seen.attempted) && { attempted: content.revision }),
  };
}
