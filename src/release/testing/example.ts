import type { Command } from "../command.ts";
import { command } from "../command.ts";
import { decide } from "../decide.ts";
import type { ClusterSeen, GateSeen, Observed } from "../observed.ts";
import type { Release } from "../release.ts";
import { iso } from "../time.ts";
import { monday } from "./make-world.ts";
import { contentOf } from "./versions.ts";

/** A release of one app with a canary on two clusters in two waves, and an approval after the first. */
export function exampleRelease(fields: Partial<Release> = {}): Release {
  const app = { name: "shop", canary: true };
  const limits = { concurrency: 1, maxUnavailable: 0, timeoutMs: 600_000 };
  const since = iso(monday);
  return {
    form: 1,
    id: "shop-2",
    title: "shop 2",
    startedBy: "ann",
    startedAt: since,
    base: "0000",
    origins: [{ app: "shop", file: "landfall.config.ts", line: 3 }],
    priority: 0,
    moves: [
      {
        bundle: "shop",
        clusters: ["eu", "us"],
        from: contentOf(app, 1, false, "releases/shop-2/from/shop.yaml"),
        to: contentOf(app, 2, false, "releases/shop-2/to/shop.yaml"),
        back: contentOf(app, 1, true, "releases/shop-2/back/shop.yaml"),
        settled: { from: "apps/shop.yaml", to: "apps/shop.yaml" },
      },
    ],
    waves: [
      { name: "first", clusters: ["eu"], gates: [{ id: "yes", type: "approval", count: 1 }], ...limits },
      { name: "rest", clusters: ["us"], gates: [], ...limits },
    ],
    policy: { onFailure: "all", approvers: ["ann", "bob"], awayAfterMs: 60_000, freezes: [] },
    phase: "queued",
    wave: 0,
    step: 0,
    clusters: { eu: { state: "waiting", since }, us: { state: "waiting", since } },
    approvals: [],
    evidence: [],
    settled: false,
    log: [],
    ...fields,
  };
}

/** A cluster that serves a version of the shop, well and at rest. */
export function serving(version: number, now: number, skip = false): ClusterSeen {
  const { revision, workloads } = contentOf({ name: "shop", canary: true }, version, skip, "");
  const template = workloads[0]?.template;
  const canary = { phase: "Succeeded", weight: 0, failedChecks: 0 };
  const workload = {
    kind: "Deployment",
    namespace: "shop",
    name: "shop",
    failure: undefined,
    lines: [],
    canary,
  };
  const bundle = { applied: revision, attempted: revision, ready: true, failure: undefined };
  return {
    reachable: true,
    answeredAt: now,
    bundles: { shop: { ...bundle, workloads: [{ ...workload, template, asked: template, finished: true }] } },
  };
}

/** A small fleet to try things on: releases, what the head points at, what is seen. */
export interface Example {
  now: number;
  releases: Release[];
  pointers: Record<string, Record<string, string>>;
  clusters: Record<string, ClusterSeen>;
  gates: GateSeen[];
}

export function example(...releases: Release[]): Example {
  const { revision } = contentOf({ name: "shop", canary: true }, 1, false, "");
  const now = monday + 1000;
  return {
    now,
    releases,
    pointers: { eu: { shop: revision }, us: { shop: revision } },
    clusters: { eu: serving(1, now), us: serving(1, now) },
    gates: [],
  };
}

export function seenIn({ clusters, pointers, gates }: Example): Observed {
  return { clusters, pointers, gates };
}

/** Decide once and take what is decided; gives the kinds of the steps. */
export function go(own: Example, ms = 1000): string[] {
  own.now += ms;
  for (const seen of Object.values(own.clusters)) if (seen.reachable) seen.answeredAt = own.now;
  const actions = decide(own.releases, seenIn(own), own.now);
  for (const action of actions) land(own, action);
  return actions.map(({ kind }) => kind);
}

export function land(own: Example, { release, pointers }: ReturnType<typeof decide>[number]): void {
  own.releases = own.releases.map((one) => (one.id === release.id ? release : one));
  for (const { cluster, bundle, path } of pointers) {
    const move = release.moves.find((one) => one.bundle === bundle);
    const content = [move?.from, move?.to, move?.back].find((one) => one?.path === path);
    const settled = release.phase === "succeeded" ? move?.to : move?.from;
    own.pointers[cluster] = { ...own.pointers[cluster], [bundle]: (content ?? settled)?.revision ?? "" };
  }
}

/** A person asks; gives the code of the problem, or the kind of the step. */
export function ask(own: Example, asked: Command, by = "ann"): string {
  const answer = command(own.releases, own.releases[0]?.id ?? "", asked, { by, at: own.now });
  if ("code" in answer) return answer.code;
  land(own, answer);
  return answer.kind;
}
