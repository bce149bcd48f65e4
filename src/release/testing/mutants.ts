import { decide } from "../decide.ts";
import { isOver } from "../order.ts";
import { pointersTo } from "../pairs.ts";
import {
  begun,
  bundles,
  deciding,
  type Mutant,
  saidYes,
  seeing,
  through,
  told,
  withoutApprovers,
  withoutGate,
} from "./mutate.ts";

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
