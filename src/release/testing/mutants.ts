import type { Action } from "../action.ts";
import { decide } from "../decide.ts";
import { clustersAsked, gatesAsked } from "../gates.ts";
import type { GateSeen, Observed } from "../observed.ts";
import { isOver } from "../order.ts";
import { pointersTo } from "../pairs.ts";
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
function deciding(change: (release: Release, all: readonly Release[]) => Release): Pick<Brain, "decide"> {
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

function seeing(change: (seen: Observed, releases: readonly Release[]) => Observed): Pick<Brain, "seen"> {
  return { seen: (releases, seen) => change(seen, releases) };
}

type BundleSeen = Observed["clusters"][string]["bundles"][string];

function bundles(
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
function through(own: BundleSeen, release: Release | undefined, bundle: string): BundleSeen {
  const to = release?.moves.find((move) => move.bundle === bundle)?.to;
  const template = to?.workloads[0]?.template;
  if (!to || template === undefined) return own;
  const workloads = own.workloads.map((one) => ({ ...one, template, asked: template, finished: true }));
  return { ...own, applied: to.revision, ready: true, workloads };
}

const withoutApprovers = (release: Release): Release => ({
  ...release,
  policy: { ...release.policy, approvers: [] },
  waves: release.waves.map((wave) => ({
    ...wave,
    gates: wave.gates.map((gate) =>
      gate.type === "approval" ? { id: gate.id, type: gate.type, count: gate.count } : gate,
    ),
  })),
});

const withoutGate = (type: string) => (release: Release) => ({
  ...release,
  waves: release.waves.map((wave) => ({ ...wave, gates: wave.gates.filter((gate) => gate.type !== type) })),
});

/** Every question that nobody answered, answered by yes. */
function saidYes(seen: Observed, releases: readonly Release[]): Observed {
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

export const mutants: readonly Mutant[] = [
  {
    name: "a cluster is proven by Flagger's phase alone",
    brain: seeing((seen, all) =>
      bundles(
        seen,
        (own, ...at) => (own.workloads[0]?.canary?.phase === "Succeeded" ? through(own, ...at) : own),
        all,
      ),
    ),
  },
  {
    name: "a cluster is proven by Flux being ready, with whatever revision",
    brain: seeing((seen, all) => bundles(seen, (own, ...at) => (own.ready ? through(own, ...at) : own), all)),
  },
  {
    name: "a cluster is proven by the applied revision, whatever its pods are",
    brain: seeing((seen, all) =>
      bundles(
        seen,
        (own, release, bundle) =>
          own.applied === release?.moves.find((move) => move.bundle === bundle)?.to.revision
            ? through(own, release, bundle)
            : own,
        all,
      ),
    ),
  },
  {
    name: "a rollout counts before it is finished",
    brain: seeing((seen, all) =>
      bundles(
        seen,
        (own) => ({
          ...own,
          ready: true,
          workloads: own.workloads.map((one) => ({ ...one, finished: true, failure: undefined })),
        }),
        all,
      ),
    ),
  },
  {
    name: "an answer counts at whatever step it was asked",
    brain: seeing((seen, all) => ({
      ...seen,
      gates: seen.gates.map((one) => {
        const release = all.find(({ id }) => id === one.release);
        return release ? { ...one, step: release.step, wave: release.wave } : one;
      }),
    })),
  },
  { name: "silence counts as success", brain: seeing(saidYes) },
  { name: "soaks are skipped", brain: deciding(withoutGate("soak")) },
  { name: "hours are skipped", brain: deciding(withoutGate("hours")) },
  {
    name: "everybody may approve",
    brain: { ...deciding(withoutApprovers), trusted: (all) => all.map(withoutApprovers) },
  },
  {
    name: "all clusters of a wave start at once",
    brain: deciding((release) => ({
      ...release,
      waves: release.waves.map((wave) => ({ ...wave, concurrency: 1e6 })),
    })),
  },
  {
    name: "freezes are not looked at",
    brain: deciding((release) => ({ ...release, policy: { ...release.policy, freezes: [] } })),
  },
  {
    name: "any number of clusters may be away",
    brain: deciding((release) => ({
      ...release,
      waves: release.waves.map((wave) => ({ ...wave, maxUnavailable: 1e6 })),
    })),
  },
  {
    name: "a cluster that does not answer once is away",
    brain: deciding((release) => ({ ...release, policy: { ...release.policy, awayAfterMs: 1 } })),
  },
  {
    name: "an aborted release goes on",
    brain: deciding((release) => (release.phase === "aborted" ? { ...release, phase: "running" } : release)),
  },
  {
    name: "a failure blocks nothing",
    brain: deciding((release) =>
      isOver(release) ? { ...release, acknowledged: { by: "nobody", at: release.startedAt } } : release,
    ),
  },
  {
    name: "releases do not look at each other",
    brain: { decide: (all, seen, now) => all.flatMap((release) => decide([release], seen, now)) },
  },
  {
    name: "a queued release starts from what it was made from",
    brain: {
      decide: (all, seen, now) =>
        decide(all, seen, now).map((action) => (action.kind === "rebase" ? begun(action) : action)),
    },
  },
  {
    name: "pointers changed by hand are overwritten",
    brain: {
      decide: (all, seen, now) => decide(all, { ...seen, pointers: told(all, seen) }, now),
    },
  },
  {
    name: "what failed does not go back",
    brain: {
      decide: (all, seen, now) =>
        decide(all, seen, now).map((action) =>
          action.kind === "return" ? { ...action, pointers: [] } : action,
        ),
    },
  },
  {
    name: "it goes back to the new version",
    brain: {
      decide: (all, seen, now) =>
        decide(all, seen, now).map((action) =>
          action.kind === "return"
            ? {
                ...action,
                pointers: pointersTo(
                  action.release,
                  seen,
                  Object.keys(action.release.clusters),
                  ({ to }) => to.path,
                ),
              }
            : action,
        ),
    },
  },
  { name: "a push is taken onto whatever head", unlocked: true },
];

/** The step that makes it anew, taken for the one that starts it. */
function begun(action: Action): Action {
  const log = action.release.log.map((entry) => ({ ...entry, action: "start" }));
  return { ...action, kind: "start", release: { ...action.release, phase: "running", log } };
}

/** Pointers as if nobody had touched them: where the releases told them to be. */
function told(all: readonly Release[], { pointers }: Observed): Observed["pointers"] {
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
