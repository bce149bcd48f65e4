import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ClusterSeen, Observed } from "../../release/observed.ts";
import type { Release } from "../../release/release.ts";
import { exampleRelease, serving } from "../../release/testing/example.ts";
import { lateClusters, lateSeen } from "./late.ts";
import { pointersFor } from "./pointer-revisions.ts";
import { startRelease } from "./start.ts";
import { readFleet } from "./store.ts";
import { company, inEstate, observed, runEngine, who } from "./testing/fleet.ts";
import { viewOf } from "./view.ts";

const since = exampleRelease().startedAt;
const now = Date.parse(since) + 3_600_000;
const move = exampleRelease().moves[0] as Release["moves"][number];
/** It ended while `us` was away. */
const ended = (phase: Release["phase"], state: "away" | "skipped" = "away"): Release =>
  exampleRelease({
    ...{ phase, settled: true, wave: 1 },
    clusters: {
      eu: { state: phase === "succeeded" ? "updated" : "returned", since },
      us: { state, since },
    },
  });
const seenOf = (us: ClusterSeen | undefined, revision = move.to.revision): Observed => ({
  clusters: us ? { us } : {},
  pointers: { us: { shop: revision } },
  gates: [],
});
/** As a cluster on a Git host says it once contents have settled: by a name of its own. */
const byArchive = (seen: ClusterSeen): ClusterSeen => {
  const revision = "main@sha256:archive";
  const shop = seen.bundles.shop as ClusterSeen["bundles"][string];
  return { ...seen, bundles: { shop: { ...shop, applied: revision, attempted: revision } } };
};
const failing = (): ClusterSeen => {
  const seen = serving(1, now);
  const shop = seen.bundles.shop as ClusterSeen["bundles"][string];
  const asked = move.to.workloads[0]?.template;
  const canary = { phase: "Failed", weight: 10, failedChecks: 5 };
  const workloads = shop.workloads.map((one) => ({ ...one, asked, canary, failure: "error-rate 31 > 1" }));
  return {
    ...seen,
    bundles: { shop: { ...shop, applied: move.to.revision, attempted: move.to.revision, workloads } },
  };
};
const silent = (): ClusterSeen => ({ reachable: false, answeredAt: undefined, bundles: {} });

describe("a cluster that was away when a release succeeded", () => {
  test.each<[string, ClusterSeen | undefined, string, string]>([
    ["serves the new version", serving(2, now), "proven", "at the new version, proven"],
    ["serves it, from a Git host", byArchive(serving(2, now)), "proven", "at the new version, proven"],
    ["has not read it yet", serving(1, now), "notYet", "not at the new version yet: Flux has not applied it"],
    [
      "has not read it yet, from a Git host",
      byArchive(serving(1, now)),
      "notYet",
      "not at the new version yet: Deployment shop/shop was not asked for this version",
    ],
    ["fails with it", failing(), "failed", "does not get to the new version: error-rate 31 > 1"],
    ["is away still", silent(), "away", "still away: connection refused"],
    ["is out of reach of whoever asks", undefined, "unknown", "connection refused"],
  ])("%s", (_what, us, is, text) => {
    const release = ended("succeeded");
    const late = lateSeen(release, seenOf(us), () => "connection refused");
    expect(late).toEqual([{ name: "us", is, text }]);
    const view = viewOf(release, [release], undefined, now, { late: { [release.id]: late } });
    expect(view.waves[1]?.clusters).toMatchObject([
      { name: "us", state: "away", caughtUp: is, text: `was away; since then ${text}` },
    ]);
  });

  test("is asked no more once something else is to be read there", () => {
    const [late] = lateSeen(ended("succeeded"), seenOf(serving(2, now), "latest@sha256:other"));
    expect(late).toMatchObject({ is: "elsewhere", text: "told something else since" });
  });

  test("was skipped, or away when the release went back; any other is not asked", () => {
    expect(lateClusters(ended("succeeded", "skipped"))).toEqual(["us"]);
    expect(lateClusters(ended("rolledBack"))).toEqual(["us"]);
    expect(lateClusters(ended("rolledBack", "skipped"))).toEqual([]);
    expect(lateClusters(ended("running"))).toEqual([]);
  });
});

test("a cluster that was away when a release went back is proven at the last good version, however it was told", () => {
  const release = ended("rolledBack");
  for (const [skip, { revision }] of [
    [false, move.from],
    [true, move.back],
  ] as const)
    expect(lateSeen(release, seenOf(serving(1, now, skip), revision))).toEqual([
      { name: "us", is: "proven", text: "at the last good version, proven" },
    ]);
  expect(lateSeen(release, seenOf(serving(2, now), move.from.revision))).toMatchObject([{ is: "notYet" }]);
});

test("what a fleet says after a release that ended without a cluster, until the next build", async () => {
  const yaml = company.replace("rest: true", "rest: true, maxUnavailable: 1");
  await inEstate(async ({ dir, fleet, build }) => {
    const { release } = await startRelease(dir, { apps: ["web"], version: "next", who });
    await runEngine(fleet, { away: ["p2"] });
    const look = async () => {
      const { head = "", releases } = await readFleet(fleet);
      const [ended] = releases.filter(({ id }) => id === release.id);
      if (!ended) throw new Error("the release is gone");
      return { ended, pointers: await pointersFor(fleet.repo, head, [ended]) };
    };
    const { ended, pointers } = await look();
    expect(ended).toMatchObject({ phase: "succeeded", settled: true });
    expect(lateClusters(ended)).toEqual(["p2"]);
    const old = Object.fromEntries(ended.moves.map(({ bundle, from }) => [bundle, from.revision]));
    const before = observed([ended], { p2: old }, now);
    expect(lateSeen(ended, { clusters: before, pointers, gates: [] })).toMatchObject([{ is: "notYet" }]);
    const after = observed([ended], pointers, now);
    expect(lateSeen(ended, { clusters: after, pointers, gates: [] })).toMatchObject([{ is: "proven" }]);
    writeFileSync(join(dir, "landfall.config.yaml"), yaml.replace("web:1.0.0", "web:3.0.0"));
    await build();
    const later = await look();
    expect(lateSeen(later.ended, { clusters: after, pointers: later.pointers, gates: [] })).toMatchObject([
      { is: "elsewhere" },
    ]);
  }, yaml);
});
