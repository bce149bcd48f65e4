import type { Action } from "../action.ts";
import { decide } from "../decide.ts";
import { clustersAsked, gatesAsked } from "../gates.ts";
import type { GateSeen, Observed } from "../observed.ts";
import type { Release } from "../release.ts";
import type { Brain } from "./world.ts";

/** An engine with one mistake that somebody could make. The model test must find each. */
export interface Mutant {
  name: string;
  brain?: Partial<Brain>;
  /** Pushes are taken whatever they were made from. */
  unlocked?: true;
}

/** The engine's rules, applied to releases that are not what they are; what it writes keeps what was declared. */
export function deciding(
  change: (release: Release, all: readonly Release[]) => Release,
): Pick<Brain, "decide"> {
  return {
    decide: (releases, seen, now) =>
      decide(
        releases.map((release) => change(release, releases)),
        seen,
        now,
      ).map((action) => {
        const own = releases.find(({ id }) => id === action.release.id);
        if (!own) return action;
        const { policy, waves } = own;
        return { ...action, release: { ...action.release, policy, waves } };
      }),
  };
}

export function seeing(
  change: (seen: Observed, releases: readonly Release[]) => Observed,
): Pick<Brain, "seen"> {
  return { seen: (releases, seen) => change(seen, releases) };
}

type BundleSeen = Observed["clusters"][string]["bundles"][string];

export function bundles(
  seen: Observed,
  change: (own: BundleSeen, releases: Release | undefined, bundle: string) => BundleSeen,
  releases: readonly Release[],
): Observed {
  const release = releases.find(({ phase }) => phase === "running" || phase === "paused");
  const clusters = Object.entries(seen.clusters).map(([name, cluster]) => {
    const own = Object.entries(cluster.bundles).map(
      ([bundle, one]) => [bundle, change(one, release, bundle)] as const,
    );
    return [name, { ...cluster, bundles: Object.fromEntries(own) }] as const;
  });
  return { ...seen, clusters: Object.fromEntries(clusters) };
}

/** As if the bundle were through with the new version. */
export function through(own: BundleSeen, release: Release | undefined, bundle: string): BundleSeen {
  const to = release?.moves.find((move) => move.bundle === bundle)?.to;
  const template = to?.workloads[0]?.template;
  if (!to || template === undefined) return own;
  const workloads = own.workloads.map((one) => ({ ...one, template, asked: template, finished: true }));
  return { ...own, applied: to.revision, ready: true, workloads };
}

export const withoutApprovers = (release: Release): Release => ({
  ...release,
  policy: { ...release.policy, approvers: [] },
  waves: release.waves.map((wave) => ({
    ...wave,
    gates: wave.gates.map((gate) =>
      gate.type === "approval" ? { id: gate.id, type: gate.type, count: gate.count } : gate,
    ),
  })),
});

export const withoutGate = (type: string) => (release: Release) => ({
  ...release,
  waves: release.waves.map((wave) => ({ ...wave, gates: wave.gates.filter((gate) => gate.type !== type) })),
});

/** Every question that nobody answered, answered by yes. */
export function saidYes(seen: Observed, releases: readonly Release[]): Observed {
  const yes = releases.flatMap((release) =>
    gatesAsked(release).flatMap((gate) =>
      (gate.type === "http" ? [undefined] : clustersAsked(release, gate)).map(
        (cluster): GateSeen => ({
          ...{
            release: release.id,
            wave: release.wave,
            gate: gate.id,
            step: release.step,
            result: "holds",
            cluster,
          },
          ...{ query: undefined, value: undefined, limit: undefined },
        }),
      ),
    ),
  );
  return { ...seen, gates: [...seen.gates.filter(({ result }) => result !== "waits"), ...yes] };
}

/** The step that makes it anew, taken for the one that starts it. */
export function begun(action: Action): Action {
  const log = action.release.log.map((entry) => ({ ...entry, action: "start" }));
  return { ...action, kind: "start", release: { ...action.release, phase: "running", log } };
}

/** Pointers as if nobody had touched them: where the releases told them to be. */
export function told(all: readonly Release[], { pointers }: Observed): Observed["pointers"] {
  const next: Record<string, Record<string, string>> = Object.fromEntries(
    Object.entries(pointers).map(([name, own]) => [name, { ...own }]),
  );
  for (const { phase, moves, clusters } of all) {
    if (phase !== "running" && phase !== "paused") continue;
    for (const { bundle, clusters: names, from, to } of moves) {
      for (const name of names) {
        const moved = ["updating", "updated", "away"].includes(clusters[name]?.state ?? "");
        next[name] = { ...next[name], [bundle]: moved ? to.revision : from.revision };
      }
    }
  }
  return next;
}
