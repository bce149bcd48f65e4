import { describe, expect, it } from "vitest";
import { concerns } from "./concerns.ts";
import { questions } from "./questions.ts";
import { ask, example, exampleRelease, go, seenIn, serving } from "./testing/example.ts";
import { iso } from "./time.ts";

describe("a release", () => {
  it("goes wave by wave, each proven and let through by its gate", () => {
    const own = example(exampleRelease());
    expect(go(own)).toEqual(["start"]);
    expect(go(own)).toEqual(["advance"]);
    expect(go(own)).toEqual([]);
    own.clusters.eu = serving(2, own.now);
    expect(go(own)).toEqual(["prove"]);
    expect(go(own)).toEqual([]);
    expect(ask(own, { kind: "approve" })).toBe("approve");
    expect(go(own)).toEqual(["pass"]);
    expect(go(own)).toEqual(["advance"]);
    own.clusters.us = serving(2, own.now);
    expect(go(own)).toEqual(["prove"]);
    expect(go(own)).toEqual(["finish"]);
    expect(own.releases[0]).toMatchObject({ phase: "succeeded", step: 8, settled: true });
    expect(go(own)).toEqual([]);
  });

  it("halts on a failed canary, tells why, and goes back", () => {
    const own = example(exampleRelease());
    go(own);
    go(own);
    const bundle = serving(1, own.now).bundles.shop;
    const failed = { phase: "Failed", weight: 0, failedChecks: 5 };
    const lines = ["Rolling back shop.shop failed checks threshold reached 5"];
    const workloads = (bundle?.workloads ?? []).map((one) => ({
      ...one,
      asked: "shop:2",
      canary: failed,
      lines,
    }));
    if (bundle)
      own.clusters.eu = { reachable: true, answeredAt: own.now, bundles: { shop: { ...bundle, workloads } } };
    expect(go(own)).toEqual(["halt"]);
    expect(own.releases[0]).toMatchObject({
      phase: "returning",
      reason: "eu: canary shop/shop: Failed at 0 % after 5 failed checks",
      evidence: [{ cluster: "eu", what: "canary shop/shop", lines }],
    });
    expect(go(own)).toEqual(["return"]);
    own.clusters.eu = serving(1, own.now, true);
    expect(go(own)).toEqual(["prove"]);
    expect(go(own)).toEqual(["finish"]);
    expect(own.releases[0]).toMatchObject({ phase: "rolledBack", settled: true });
  });

  it("halts when a cluster is not proven in time, and says what is open", () => {
    const own = example(exampleRelease());
    go(own);
    go(own);
    expect(go(own, 600_000)).toEqual([]);
    expect(questions(own.releases, own.now).wakeAt).toBeLessThan(own.now + 10_000);
    expect(go(own, 1001)).toEqual(["halt"]);
    expect(own.releases[0]?.reason).toBe(
      "eu: shop in time: Flux has not applied it (limit 10 min to reach the new version)",
    );
  });

  it("waits for a gate without data, and halts after the wave's timeout", () => {
    const gate = { id: "errors", type: "promql" as const, query: "errors", max: 1, scope: "wave" as const };
    const base = exampleRelease();
    const own = example(exampleRelease({ waves: base.waves.map((wave) => ({ ...wave, gates: [gate] })) }));
    go(own);
    go(own);
    own.clusters.eu = serving(2, own.now);
    expect(go(own)).toEqual(["prove"]);
    expect(questions(own.releases, own.now).gates).toMatchObject([
      { gate: { id: "errors" }, step: 3, clusters: ["eu"] },
    ]);
    expect(go(own, 599_000)).toEqual([]);
    expect(go(own, 2000)).toEqual(["halt"]);
    expect(own.releases[0]?.reason).toBe("gate errors: no data (limit data within 10 min)");
  });

  it("pauses when too many clusters are away, and goes on when they are back", () => {
    const own = example(exampleRelease());
    go(own);
    go(own);
    own.clusters.eu = { reachable: false, answeredAt: own.now, bundles: {} };
    expect(go(own, 30_000)).toEqual([]);
    expect(go(own, 31_000)).toEqual(["prove"]);
    expect(go(own)).toEqual(["pause"]);
    expect(go(own)).toEqual([]);
    own.clusters.eu = serving(2, own.now);
    expect(go(own)).toEqual(["prove"]);
    expect(go(own)).toEqual(["resume"]);
  });

  it("goes on without a cluster when a person says so, and gives it the new version at the end", () => {
    const own = example(exampleRelease());
    go(own);
    own.clusters.eu = { reachable: false, answeredAt: undefined, bundles: {} };
    expect(go(own, 61_000)).toEqual(["prove"]);
    expect(go(own)).toEqual(["pause"]);
    expect(ask(own, { kind: "resume" })).toBe("resume");
    expect(ask(own, { kind: "approve" })).toBe("approve");
    expect([go(own), go(own)]).toEqual([["pass"], ["advance"]]);
    own.clusters.us = serving(2, own.now);
    expect([go(own), go(own)]).toEqual([["prove"], ["finish"]]);
    expect(own.releases[0]?.clusters.eu?.state).toBe("skipped");
    expect(own.pointers.eu).toEqual(own.pointers.us);
  });

  it("takes a cluster that was never there back too, also after somebody put the old content there by hand", () => {
    const own = example(exampleRelease({ settled: true, phase: "succeeded", wave: 1, step: 3 }));
    const [move] = own.releases[0]?.moves ?? [];
    const since = iso(own.now);
    if (own.releases[0])
      own.releases[0].clusters = { eu: { state: "updated", since }, us: { state: "skipped", since } };
    own.pointers = { eu: { shop: move?.to.revision ?? "" }, us: { shop: move?.from.revision ?? "" } };
    expect(ask(own, { kind: "rollback" })).toBe("rollback");
    expect(go(own)).toEqual(["return"]);
    for (const cluster of ["eu", "us"]) own.clusters[cluster] = serving(1, own.now, true);
    expect([go(own), go(own)]).toEqual([["prove"], ["finish"]]);
    expect(own.releases[0]).toMatchObject({
      phase: "rolledBack",
      clusters: { eu: { state: "returned" }, us: { state: "returned" } },
    });
  });

  it("does not overwrite what somebody committed by hand, and tells how to go on", () => {
    const own = example(exampleRelease());
    go(own);
    const right = own.pointers.us;
    own.pointers.us = { shop: "latest@sha256:other" };
    expect(go(own)).toEqual(["pause"]);
    const [problem] = concerns(own.releases, seenIn(own), own.now);
    expect(problem).toMatchObject({
      code: "LF4027",
      what: expect.stringContaining("shop on us"),
      where: { file: "clusters/us/artifacts.json" },
    });
    expect(ask(own, { kind: "abort" })).toBe("abort");
    expect(go(own)).toEqual(["finish"]);
    expect(own.pointers.us).toEqual({ shop: "latest@sha256:other" });
    expect(own.pointers.eu).toEqual(right);
  });

  it("moves nothing in a freeze, but goes back; a hotfix passes", () => {
    const freezes = [{ from: iso(0), until: "2027-01-01T00:00:00.000Z", reason: "the sale" }];
    const policy = { ...exampleRelease().policy, freezes };
    const own = example(exampleRelease({ policy }));
    expect(go(own)).toEqual([]);
    expect(concerns(own.releases, seenIn(own), own.now)).toMatchObject([{ code: "LF4026", why: "the sale" }]);
    expect(questions(own.releases, own.now).wakeAt).toBe(Date.parse("2027-01-01T00:00:00.000Z"));
    const hotfix = example(exampleRelease({ policy, priority: 10 }));
    expect([go(hotfix), go(hotfix)]).toEqual([["start"], ["advance"]]);
    const [running] = hotfix.releases;
    const frozen = { ...hotfix, releases: running ? [{ ...running, priority: 0 }] : [] };
    expect(ask(frozen, { kind: "rollback" })).toBe("rollback");
    expect(go(frozen)).toEqual(["return"]);
  });

  it("waits behind another of the same bundle, and behind a failure that nobody has seen", () => {
    const failed = exampleRelease({ id: "shop-1", phase: "rolledBack", reason: "eu: canary", settled: true });
    const own = example(failed, exampleRelease({ startedAt: iso(later) }));
    expect(go(own)).toEqual([]);
    expect(concerns(own.releases, seenIn(own), own.now)).toMatchObject([
      { code: "LF4028", why: "eu: canary" },
    ]);
    expect(ask(own, { kind: "acknowledge" }, "eve")).toBe("LF4023");
    expect(ask(own, { kind: "acknowledge" })).toBe("acknowledge");
    expect(go(own)).toEqual(["start"]);
  });

  it("tells when the last step is of a time to come", () => {
    const own = example(exampleRelease());
    go(own, 3_600_000);
    own.now -= 3_500_000;
    expect(concerns(own.releases, seenIn(own), own.now)).toMatchObject([{ code: "LF4037" }]);
    // What was seen before the step proves nothing about it.
    expect(go(own)).toEqual(["advance"]);
    own.clusters.eu = serving(2, own.now);
    expect(go(own)).toEqual([]);
  });

  it("tells of a cluster that does not come back, and waits for it", () => {
    const own = example(exampleRelease());
    go(own);
    go(own);
    expect(ask(own, { kind: "rollback" })).toBe("rollback");
    expect(go(own)).toEqual(["return"]);
    expect(go(own, 700_000)).toEqual([]);
    expect(concerns(own.releases, seenIn(own), own.now)).toMatchObject([
      { code: "LF4029", what: expect.stringContaining("eu"), why: "shop: Flux has not applied it" },
    ]);
  });

  it("gives way to a hotfix: what is proven stays, the rest goes to the last good content", () => {
    const own = example(exampleRelease());
    go(own);
    go(own);
    own.releases = [...own.releases, exampleRelease({ id: "fix", priority: 10, startedAt: iso(own.now) })];
    expect(go(own)).toEqual(["supersede"]);
    expect(own.releases[0]?.phase).toBe("superseded");
    expect(own.pointers.eu?.shop).toContain("skip");
    expect(go(own)).toEqual(["start"]);
    // A version that came before Flagger has taken the way back would be taken without a look, too.
    expect(go(own)).toEqual([]);
    own.clusters.eu = serving(1, own.now, true);
    expect(go(own)).toEqual(["advance"]);
  });

  it("waits for a cluster to be back no longer than a cluster may take", () => {
    const own = example(exampleRelease({ priority: 10 }));
    own.pointers.eu = { shop: exampleRelease().moves[0]?.back.revision ?? "" };
    expect([go(own), go(own), go(own, 600_000)]).toEqual([["start"], [], ["advance"]]);
  });

  it("gives a cluster that was away as long to be back, counted from its answer", () => {
    const own = example(exampleRelease({ priority: 10 }));
    own.pointers.eu = { shop: exampleRelease().moves[0]?.back.revision ?? "" };
    own.clusters.eu = { reachable: false, answeredAt: undefined, bundles: {} };
    expect([go(own), go(own, 61_000), go(own)]).toEqual([["start"], ["prove"], ["pause"]]);
    own.clusters.eu = serving(1, own.now);
    expect([go(own, 600_000), go(own), go(own)]).toEqual([["prove"], ["resume"], []]);
    own.clusters.eu = serving(1, own.now, true);
    expect(go(own)).toEqual(["advance"]);
  });
});

const later = Date.parse(exampleRelease().startedAt) + 5000;
