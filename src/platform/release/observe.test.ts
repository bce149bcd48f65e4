import { describe, expect, test } from "vitest";
import type { LiveObject } from "../../cluster/types.ts";
import type { Release } from "../../release/index.ts";
import { failure } from "../../util/errors.ts";
import { reachClusters } from "./observe.ts";
import { canarySeen, isCanaryUnderWay, isGivenUp, isRestless } from "./observe-canary.ts";
import { fluxSeen } from "./observe-flux.ts";
import { hopelessPod, podsOfTemplate } from "./observe-pods.ts";
import { deadlineExceeded, rolledOut } from "./observe-rollout.ts";
import { templateSince } from "./observe-template.ts";
import { eventsSaid, newestFirst } from "./observe-text.ts";

const at = (seconds: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, seconds)).toISOString();
const ms = (seconds: number) => Date.parse(at(seconds));

function object(parts: {
  kind?: string;
  generation?: number;
  metadata?: object;
  spec?: object;
  status?: object;
}) {
  const { kind = "Deployment", generation = 2, metadata = {}, spec = {}, status = {} } = parts;
  const named = { name: "web", namespace: "shop", uid: "u", resourceVersion: "1", creationTimestamp: at(0) };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { ...named, generation, ...metadata },
    spec,
    status,
  } as LiveObject;
}

describe("what Flux says", () => {
  const kustomization = (condition: object, applied = "new", attempted = "new") =>
    object({
      status: {
        conditions: [{ type: "Ready", observedGeneration: 2, ...condition }],
        lastAppliedRevision: applied,
        lastAttemptedRevision: attempted,
      },
    });
  const failed = (reason: string) => ({ status: "False", reason, message: `${reason} because` });

  test.each([
    ["ready", kustomization({ status: "True" }), { ready: true, failure: undefined }],
    ["ready with an older form", kustomization({ status: "True", observedGeneration: 1 }), { ready: false }],
    [
      "ready, but tries another",
      kustomization({ status: "True" }, "old"),
      { ready: false, failure: undefined },
    ],
    ["in progress", kustomization({ status: "Unknown", reason: "Progressing" }, "old"), { ready: false }],
    [
      "failed",
      kustomization(failed("HealthCheckFailed"), "old"),
      { failure: "Flux: HealthCheckFailed: HealthCheckFailed because" },
    ],
    [
      "failed in an older form",
      kustomization({ ...failed("BuildFailed"), observedGeneration: 1 }),
      { failure: undefined },
    ],
    ["without a source", kustomization(failed("ArtifactFailed")), { ready: false, failure: undefined }],
    [
      "behind a dependency",
      kustomization(failed("DependencyNotReady")),
      { ready: false, failure: undefined },
    ],
    ["not there", undefined, { ready: false, applied: undefined, attempted: undefined, failure: undefined }],
  ])("%s", (_, live, wanted) => expect(fluxSeen(live)).toMatchObject(wanted));
});

describe("rollouts", () => {
  const whole = {
    observedGeneration: 2,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
  };
  const deployment = (status: object) => object({ spec: { replicas: 3 }, status: { ...whole, ...status } });
  test.each([
    ["all there", deployment({}), true],
    ["not seen by its controller", deployment({ observedGeneration: 1 }), false],
    ["old pods left", deployment({ replicas: 4 }), false],
    ["new pods missing", deployment({ updatedReplicas: 2 }), false],
    ["not available", deployment({ availableReplicas: 2 }), false],
    ["scaled to none", object({ spec: { replicas: 0 }, status: { observedGeneration: 2 } }), true],
    [
      "a StatefulSet, whole",
      object({
        kind: "StatefulSet",
        spec: { replicas: 3 },
        status: { ...whole, updatedReplicas: undefined, currentRevision: "b", updateRevision: "b" },
      }),
      true,
    ],
    [
      "a StatefulSet, half way",
      object({
        kind: "StatefulSet",
        spec: { replicas: 3 },
        status: { ...whole, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
      }),
      false,
    ],
    [
      "a DaemonSet",
      object({
        kind: "DaemonSet",
        status: {
          observedGeneration: 2,
          desiredNumberScheduled: 2,
          updatedNumberScheduled: 2,
          numberAvailable: 1,
        },
      }),
      false,
    ],
  ])("%s", (_, live, wanted) => expect(rolledOut(live)).toBe(wanted));

  test("a deadline that an older rollout exceeded says nothing of this one", () => {
    const condition = {
      type: "Progressing",
      status: "False",
      reason: "ProgressDeadlineExceeded",
      lastUpdateTime: at(10),
    };
    const live = deployment({ conditions: [condition], availableReplicas: 1 });
    expect(deadlineExceeded(live, ms(9))).toBe(
      "Deployment web: no progress within 600 s (3 of 3 pods updated, 1 available)",
    );
    expect(deadlineExceeded(live, ms(10))).toBeUndefined();
  });
});

test("a template is as old as the last write of any of its fields, whoever wrote replicas since", () => {
  const template = { "f:spec": { "f:template": {} } };
  const managedFields = [
    { manager: "kustomize-controller", time: at(5), fieldsV1: template },
    { manager: "kubectl-rollout", time: at(7), fieldsV1: template },
    { manager: "flagger", time: at(9), fieldsV1: { "f:spec": { "f:replicas": {} } } },
    { manager: "hpa", time: at(9), subresource: "scale", fieldsV1: template },
  ];
  expect(templateSince(object({ metadata: { managedFields } }))).toBe(ms(7));
  expect(templateSince(object({}))).toBe(ms(0));
});

test("a template that is taken without a look is there when Flagger has been quiet for longer than one", () => {
  const canary = (skipAnalysis: boolean) =>
    object({
      spec: { skipAnalysis, analysis: { interval: "10s" } },
      status: { conditions: [{ type: "Promoted", lastUpdateTime: at(12) }] },
    });
  const restless = (since: number, now: number) => isRestless(canary(true), ms(since), ms(now));
  expect(restless(5, 27)).toBe(true);
  expect(restless(5, 28)).toBe(false);
  expect(restless(20, 35)).toBe(true);
  expect(restless(20, 36)).toBe(false);
  expect(isRestless(canary(false), ms(20), ms(20))).toBe(false);
  expect(isRestless(undefined, ms(20), ms(20))).toBe(false);
});

describe("Flagger's word", () => {
  const canary = (phase: string, promotedAt: number, movedAt: number, reason = phase) =>
    object({
      status: {
        ...{ phase, canaryWeight: 10, failedChecks: 1, lastTransitionTime: at(movedAt) },
        conditions: [{ type: "Promoted", reason, lastUpdateTime: at(promotedAt) }],
      },
    });
  test.each([
    ["an end before the template", canary("Failed", 5, 20), undefined],
    ["an end in the second of the template", canary("Failed", 10, 20), undefined],
    ["an end after it", canary("Failed", 11, 20), { phase: "Failed" }],
    ["an end whose condition is not there yet", canary("Failed", 11, 20, "Progressing"), undefined],
    ["a step of another template", canary("Progressing", 1, 9), undefined],
    [
      "a step of an analysis that began with another",
      canary("Progressing", 1, 12),
      { phase: "Progressing", weight: 10 },
    ],
    ["nothing", undefined, undefined],
  ])("%s", (_, live, wanted) => {
    const seen = canarySeen(live, ms(10));
    if (wanted === undefined) expect(seen).toBeUndefined();
    else expect(seen).toMatchObject(wanted);
  });

  test.each([
    ["as many as it bears", 2, 30, "Progressing", true],
    ["fewer", 1, 30, "Progressing", false],
    ["so early that they were of another template", 2, 28, "Progressing", false],
    ["an end speaks for itself", 2, 30, "Failed", false],
  ])("failed checks: %s", (_, failedChecks, movedAt, phase, wanted) => {
    const live = object({
      spec: { analysis: { interval: "10s", threshold: 2 } },
      status: { phase, failedChecks, lastTransitionTime: at(movedAt) },
    });
    expect(isGivenUp(live, ms(10))).toBe(wanted);
  });

  test("whatever it is about, Flagger is in the midst of it until traffic is back at the primary", () => {
    const underWay = (phase: string) => isCanaryUnderWay(canary(phase, 0, 0));
    const all = [
      "Initializing",
      "Initialized",
      "Waiting",
      "Progressing",
      "WaitingPromotion",
      "Promoting",
      "Finalising",
      "Succeeded",
      "Failed",
    ];
    expect(all.filter((phase) => !underWay(phase))).toEqual(["Initialized", "Succeeded", "Failed"]);
  });
});

describe("pods", () => {
  const pod = (template: string, container: object, metadata = {}) =>
    object({
      kind: "Pod",
      metadata: { name: `pod-${template}`, annotations: { "landfall.dev/template": template }, ...metadata },
      status: { containerStatuses: [{ name: "main", ready: false, restartCount: 3, ...container }] },
    });
  const waiting = (reason: string, message = "") => ({ state: { waiting: { reason, message } } });
  const crashing = {
    ...waiting("CrashLoopBackOff"),
    lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
  };

  test("only those of the template that are not ending count", () => {
    const pods = [pod("a", {}), pod("b", {}), pod("b", {}, { deletionTimestamp: at(1) })];
    expect(podsOfTemplate(pods, "b")).toEqual([pods[1]]);
    expect(podsOfTemplate(pods, undefined)).toEqual([]);
  });
  test.each([
    ["crash loop", pod("b", crashing), "crashes again and again (3 restarts, last OOMKilled, exit code 137)"],
    ["two restarts", pod("b", { ...crashing, restartCount: 2 }), undefined],
    [
      "no such image",
      pod("b", waiting("ImagePullBackOff", "x: not found")),
      "ImagePullBackOff: x: not found",
    ],
    ["a registry that is away", pod("b", waiting("ErrImagePull", "i/o timeout")), undefined],
    ["ready again", pod("b", { ...crashing, ready: true }), undefined],
  ])("%s", (_, live, why) => expect(hopelessPod([live])?.why).toBe(why));
});

test("evidence is the newest first, bounded, each text once, and of this template alone", () => {
  const event = (message: string, second: number) =>
    ({ ...object({ kind: "Event" }), reason: "Synced", message, lastTimestamp: at(second) }) as LiveObject;
  const events = Array.from({ length: 40 }, (_, n) => event(`look ${n} ${"x".repeat(500)}`, n));
  const lines = newestFirst(eventsSaid([...events, event("same", 50), event("same", 51)], ms(10)));
  expect(lines).toHaveLength(12);
  expect(lines.slice(0, 2)).toEqual([
    "2030-01-01T00:00:51Z Flagger: same",
    expect.stringMatching(/^2030-01-01T00:00:39Z Flagger: look 39 x+…$/),
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(330);
  expect(newestFirst(eventsSaid(events, ms(38)))).toHaveLength(2);
  const combined = event("(combined from similar events): Halt web.shop advancement memory 59.70 > 45", 60);
  expect(eventsSaid([combined], 0)).toMatchObject([
    { text: "Flagger: Halt web.shop advancement memory 59.70 > 45" },
  ]);
});

describe("many clusters", () => {
  const silent = { what: "it does not answer", fix: "" };
  const cluster = (name: string, connect: () => never | Promise<never>) => ({
    ...{ name, namespace: "flux-system", metricsUrl: undefined, alertsUrl: undefined },
    connect,
  });
  const releases: Release[] = [];

  test("sixty-four at a time; one that hangs is not waited for longer than the limit", async () => {
    let now = 0;
    let most = 0;
    const names = Array.from({ length: 100 }, (_, n) => `c${n}`);
    const hang = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((done) => setTimeout(done, 20));
      now -= 1;
      // A client of which every call hangs.
      return {
        close: () => undefined,
        get: () => new Promise(() => undefined),
        list: () => new Promise(() => undefined),
      } as never;
    };
    const clusters = reachClusters(
      names.map((name) => cluster(name, hang)),
      { limitMs: 100 },
    );
    const move = {
      bundle: "app-web",
      clusters: names,
      from: { path: "apps/web.yaml", workloads: [] },
      to: { path: "apps/web.yaml", workloads: [] },
      back: { path: "apps/web.yaml", workloads: [] },
    };
    const seen = await clusters.observe(names, [{ moves: [move] } as unknown as Release]);
    expect(most).toBe(64);
    expect(Object.values(seen)).toHaveLength(100);
    expect(seen.c7).toEqual({ reachable: false, answeredAt: undefined, bundles: {} });
    expect(clusters.silence("c7")).toMatch(/no whole answer within 0.1 s/);
    clusters.close();
  });

  test("a cluster that this engine has no way to is left out: nothing is known of it", async () => {
    const noContext = () => {
      throw failure("LF6001", silent);
    };
    const clusters = reachClusters([cluster("a", noContext)]);
    expect(await clusters.observe(["a", "unknown"], releases)).toEqual({});
    expect(clusters.silence("unknown")).toMatch(/no way to unknown/);
    clusters.close();
  });
});
