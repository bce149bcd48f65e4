import { answersTo, gatesAsked, heldSince, holds, isAsked, waveOf } from "./gates.ts";
import { foreignBundles, isAhead, movesOf } from "./pairs.ts";
import { answersSince, failureOf, missing } from "./proof.ts";
import type { Evidence } from "./release.ts";
import type { Context } from "./step.ts";
import { elapsed, lastStepAt } from "./time.ts";

/** How long Flux may fail with the new revision before it counts: a webhook may not be up yet, a dependency not ready. */
const fluxGraceMs = 60_000;

/** Clusters whose word counts in the present wave: those told to move in it, and late ones of earlier waves. */
function heard({ release }: Context): string[] {
  const { waves, wave, clusters } = release;
  return waves.slice(0, wave + 1).flatMap((own, i) =>
    own.clusters.filter((cluster) => {
      const state = clusters[cluster]?.state;
      return state === "updating" || state === "away" || (state === "updated" && i === wave);
    }),
  );
}

/** What shows that a cluster will not serve the new version: its failure with this version, or its time is over. */
export function clusterFailures(cx: Context): Evidence[] {
  return heard(cx).flatMap((cluster) => {
    const failure = failureAt(cx, cluster);
    return failure ? [{ ...failure, cluster }] : [];
  });
}

function failureAt(cx: Context, cluster: string): Omit<Evidence, "cluster"> | undefined {
  const { release, seen, now } = cx;
  const [progress, at] = [release.clusters[cluster], seen.clusters[cluster]];
  if (!progress || !answersSince(at, progress.since) || foreignBundles(release, seen, cluster).length > 0)
    return undefined;
  if (!isAhead(release, seen, cluster)) return undefined;
  const { timeoutMs } = waveOf(release);
  const moving = progress.state === "updating";
  const flux = moving && elapsed(progress.since, now) > Math.min(fluxGraceMs, timeoutMs / 4);
  for (const { bundle, to } of movesOf(release, cluster)) {
    const failure = failureOf(to, at.bundles[bundle], flux);
    if (failure) return failure;
  }
  return moving && elapsed(progress.since, now) > timeoutMs ? late(cx, cluster) : undefined;
}

function late({ release, seen }: Context, cluster: string): Omit<Evidence, "cluster"> | undefined {
  const minutes = `${waveOf(release).timeoutMs / 60_000} min`;
  for (const { bundle, to } of movesOf(release, cluster)) {
    const open = missing(to, seen.clusters[cluster]?.bundles[bundle]);
    if (open) {
      const limit = `${minutes} to reach the new version`;
      return { what: `${bundle} in time`, query: to.revision, value: open, limit, lines: [] };
    }
  }
  return undefined;
}

/** Answers of gates that say no, and queries that gave no data for longer than the wave may take. */
export function gateFailures(cx: Context): Evidence[] {
  const { release, seen } = cx;
  const failed = gatesAsked(release).flatMap((gate) =>
    answersTo(release, gate, seen).filter(({ result }) => result === "fails"),
  );
  const evidence = failed.map(({ gate, cluster, query, value, limit }) =>
    withoutUndefined({ what: `gate ${gate}`, cluster, query, value, limit }),
  );
  return evidence.length > 0 ? evidence : silent(cx);
}

/**
 * A gate may wait for data as long as the wave's timeout, counted from when nothing else kept the wave: the last step
 * (an approval among them), the end of a soak, the opening of the hours.
 */
function silent({ release, seen, now }: Context): Evidence[] {
  const { gates, timeoutMs } = waveOf(release);
  if (release.provenAt === undefined || release.phase !== "running") return [];
  const [asked, others] = [gates.filter(isAsked), gates.filter((gate) => !isAsked(gate))];
  if (!others.every((gate) => holds(release, gate, seen, now))) return [];
  const since = Math.max(
    Date.parse(lastStepAt(release)),
    ...others.map((gate) => heldSince(release, gate, now)),
  );
  if (now - since <= timeoutMs) return [];
  return asked
    .filter((gate) => !holds(release, gate, seen, now))
    .map((gate) => ({
      what: `gate ${gate.id}`,
      query: gate.type === "promql" ? gate.query : gate.type === "http" ? gate.url : gate.id,
      value: "no data",
      limit: `data within ${timeoutMs / 60_000} min`,
      lines: [],
    }));
}

function withoutUndefined(fields: {
  what: string;
  cluster: string | undefined;
  query: string | undefined;
  value: string | undefined;
  limit: string | undefined;
}): Evidence {
  const { what, ...rest } = fields;
  return {
    what,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    lines: [],
  };
}

/** One line for people: what decided it. */
export function reasonOf([first]: readonly Evidence[]): string {
  if (!first) return "it failed";
  const { what, cluster, value, limit } = first;
  const at = cluster ? `${cluster}: ` : "";
  return `${at}${what}${value ? `: ${value}` : ""}${limit ? ` (limit ${limit})` : ""}`;
}
