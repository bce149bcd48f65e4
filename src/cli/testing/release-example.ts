import type { Observed, Release, Workload } from "../../release/index.ts";

const at = (second: number) => new Date(Date.UTC(2030, 10, 21, 17, 0, second)).toISOString();
/** Four minutes after it started. */
export const exampleNow = Date.UTC(2030, 10, 21, 17, 4, 0);

const workload: Workload = { kind: "Deployment", namespace: "shop", name: "storefront", canary: true };
const content = (version: string) => ({
  path: `releases/storefront-2-1-0/${version}/apps/storefront.yaml`,
  revision: `latest@sha256:${version}`,
  workloads: [{ ...workload, template: version }],
});

const policy = { onFailure: "all" as const, approvers: [], awayAfterMs: 60_000, freezes: [] };
const wave = { concurrency: 2, maxUnavailable: 1, timeoutMs: 600_000 };
const europe = ["eu-1", "eu-2", "eu-3", "eu-4"];
const others = Array.from({ length: 12 }, (_, n) => `us-${n}`);

/** A release in its second wave: one cluster is through, one is judged, one is away, one waits. */
export const exampleRelease: Release = {
  ...{ form: 1, id: "storefront-2-1-0", title: "storefront 2.1.0", priority: 0 },
  ...{ startedBy: "ada@example.com", startedAt: at(0), base: "3e8ac9451de7cb5f0d4dca35bef9990014c2308f" },
  origins: [{ app: "storefront", file: "landfall.config.ts", line: 12 }],
  moves: [
    {
      ...{ bundle: "app-storefront", clusters: ["c1", ...europe, ...others] },
      ...{ from: content("v1"), to: content("v2"), back: content("v1") },
      settled: { from: "apps/storefront.yaml", to: "apps/storefront.yaml" },
    },
  ],
  waves: [
    { name: "canaries", clusters: ["c1"], gates: [], ...wave },
    {
      ...{ name: "europe", clusters: europe, ...wave },
      gates: [
        { id: "query", type: "promql", query: "sum(rate(errors[5m]))", max: 0.01, scope: "wave" },
        { id: "soak", type: "soak", ms: 600_000 },
        { id: "lead", type: "approval", count: 1 },
      ],
    },
    { name: "others", clusters: others, gates: [], ...wave },
  ],
  ...{ policy, phase: "running", wave: 1, step: 5, approvals: [], evidence: [], settled: false },
  clusters: {
    c1: { state: "updated", since: at(10) },
    "eu-1": { state: "updated", since: at(30) },
    "eu-2": { state: "updating", since: at(40) },
    "eu-3": { state: "waiting", since: at(0) },
    "eu-4": { state: "away", since: at(50), why: "it does not answer" },
  },
  log: [
    { step: 1, at: at(1), action: "start", wave: 0 },
    { step: 2, at: at(2), action: "advance", wave: 0, clusters: ["c1"] },
    { step: 3, at: at(10), action: "prove", wave: 0, clusters: ["c1"] },
    { step: 4, at: at(11), action: "pass", wave: 0, why: "the gates of wave canaries hold" },
    { step: 5, at: at(30), action: "advance", wave: 1, clusters: europe.slice(0, 2) },
  ],
};

const judged = { phase: "Progressing", weight: 40, failedChecks: 1 };
const seen = { template: "v1", asked: "v2", finished: false, failure: undefined, lines: [], canary: judged };
const flux = { applied: "latest@sha256:v1", attempted: "latest@sha256:v2", ready: false, failure: undefined };

export const exampleSeen: Observed = {
  clusters: {
    "eu-1": { reachable: true, answeredAt: exampleNow, bundles: {} },
    "eu-2": {
      ...{ reachable: true, answeredAt: exampleNow },
      bundles: { "app-storefront": { ...flux, workloads: [{ ...workload, ...seen }] } },
    },
    "eu-3": { reachable: true, answeredAt: exampleNow, bundles: {} },
    "eu-4": { reachable: false, answeredAt: undefined, bundles: {} },
  },
  pointers: {},
  gates: [
    {
      ...{ release: "storefront-2-1-0", wave: 1, gate: "query", step: 5, cluster: "eu-1" },
      ...{ result: "holds", query: "sum(rate(errors[5m]))", value: "0.0021", limit: "≤ 0.01" },
    },
  ],
};

/** The same release, halted by its canary and rolled back. */
export const exampleFailure: Release = {
  ...exampleRelease,
  ...{ phase: "rolledBack", step: 9, settled: true, source: "9ab12cd4" },
  reason: "eu-2: canary shop/storefront: Flagger gave it up: error-rate 31.40 > 1",
  evidence: [
    {
      ...{ what: "canary shop/storefront", cluster: "eu-2", query: "status.phase of Canary shop/storefront" },
      value: "Flagger gave it up: error-rate 31.40 > 1",
      lines: ["2030-11-21T17:02:11Z Flagger: Halt storefront.shop advancement error-rate 31.40 > 1"],
    },
  ],
  clusters: {
    ...exampleRelease.clusters,
    c1: { state: "returned", since: at(140) },
    "eu-1": { state: "returned", since: at(141) },
    "eu-2": { state: "returned", since: at(142) },
  },
  acknowledged: { by: "bob@example.com", at: at(200) },
  log: [
    ...exampleRelease.log,
    {
      ...{ step: 6, at: at(131), action: "halt", wave: 1 },
      why: "eu-2: canary shop/storefront: Flagger gave it up: error-rate 31.40 > 1",
    },
    { step: 7, at: at(132), action: "return", wave: 1, clusters: ["c1", "eu-1", "eu-2"] },
    { step: 8, at: at(142), action: "prove", wave: 1, clusters: ["c1", "eu-1", "eu-2"] },
    { step: 9, at: at(143), action: "finish", wave: 1 },
    { step: 10, at: at(200), action: "acknowledge", by: "bob@example.com" },
  ],
};
