import type { BadCase } from "./bad-case.ts";

const clusters = `clusters:
  a: { type: kubernetes, context: a, labels: { tier: canary } }
  b: { type: kubernetes, context: b }
  c: { type: kubernetes, context: c }
`;
const app = "  web: { image: nginx:1.27, ports: { http: 8080 } }\n";
/** One wave of all clusters with this gate. */
const gate = (text: string, more = "") =>
  `${clusters}${more}waves:\n  - name: all\n    rest: true\n    gates:\n      - ${text}`;
const waves = (text: string, more = ""): [string, string] => [app, `${clusters}${more}waves:\n${text}`];

/** What is wrong with waves, gates, freezes and versions. */
export const waveCases: BadCase[] = [
  {
    name: "a wave that names no cluster",
    code: "LF1026",
    what: "the wave early has no cluster",
    fix: /no cluster has the labels .* name clusters, labels/,
    at: "name: early",
    yaml: waves("  - { name: all, clusters: [a, b, c] }\n  - name: early\n    labels: { tier: none }"),
  },
  {
    name: "a wave that says nothing of clusters",
    code: "LF1026",
    what: "the wave early has no cluster",
    fix: "says nothing of clusters",
    at: "name: early",
    yaml: waves("  - { name: all, clusters: [a, b, c] }\n  - name: early\n    concurrency: 1"),
  },
  {
    name: "a cluster in two waves",
    code: "LF1026",
    what: "a is in two waves, early and all",
    fix: "leave it out of one of them",
    at: "name: all",
    yaml: waves("  - { name: early, labels: { tier: canary } }\n  - name: all\n    clusters: [a, b, c]"),
    ts: [
      `const a = kubernetesCluster("a", { context: "a" });\nconst web = app("web", { image: "nginx:1.27" });`,
      `clusters: [a], apps: [web],\n  waves: [{ name: "early", clusters: [a] },\n    { name: "all", clusters: [a] }]`,
    ],
    atTs: '{ name: "all"',
  },
  {
    name: "clusters in no wave",
    code: "LF1026",
    what: "b, c are in no wave",
    fix: /no release would ever reach .* rest: true/,
    at: "name: early",
    yaml: waves("  - name: early\n    labels: { tier: canary }"),
  },
  {
    name: "a wave of a cluster that is not there",
    code: "LF1006",
    what: "there is no cluster named bb",
    fix: "did you mean b?",
    at: "bb",
    yaml: waves("  - name: all\n    clusters: [a, b, c]\n  - name: more\n    clusters:\n      - bb"),
  },
  {
    name: "the rest before the last wave",
    code: "LF1026",
    what: "the wave others is the rest, and others follow it",
    fix: "make it the last wave",
    at: "name: others",
    yaml: waves("  - name: others\n    rest: true\n  - { name: early, clusters: [a] }"),
  },
  {
    name: "two ways to say how many",
    code: "LF1026",
    what: "has both `percent` and `count`",
    fix: "leave one of them out",
    at: "name: early",
    yaml: waves("  - name: early\n    percent: 10\n    count: 1\n  - { name: others, rest: true }"),
  },
  {
    name: "PromQL that does not parse",
    code: "LF1025",
    what: "a query of the wave all cannot be read",
    fix: /cannot be read at its end write it as Prometheus takes it/,
    at: "promql:",
    yaml: [app, gate("promql: sum(rate(errors[5m])\n        max: 1")],
  },
  {
    name: "a query without a limit",
    code: "LF1003",
    what: "a query needs `max`, `min` or both",
    fix: "The most a value may be",
    at: "promql:",
    yaml: [app, gate("promql: up")],
  },
  {
    name: "a zone that is none",
    code: "LF1003",
    what: /waves\.0\.gates\.0\.hours\.zone: must be a time zone/,
    fix: "Europe/Berlin",
    at: "zone:",
    yaml: [
      app,
      gate('hours:\n          from: "09:00"\n          until: "16:00"\n          zone: Europe/Bärlin'),
    ],
  },
  {
    name: "a time that is none",
    code: "LF1003",
    what: /waves\.0\.gates\.0\.hours\.from: must be a time of day/,
    fix: "09:00",
    at: "from:",
    yaml: [app, gate('hours:\n          from: "25:00"\n          until: "16:00"\n          zone: UTC')],
  },
  {
    name: "an approver that is no address",
    code: "LF1003",
    what: "releases.approvers.0: must be an e-mail address",
    fix: "ada@example.com",
    at: "ada",
    yaml: [app, `${clusters}releases:\n  approvers:\n    - ada`],
  },
  {
    name: "approval by somebody who is no approver",
    code: "LF1026",
    what: "eve@example.com is to approve, and is no approver",
    fix: "the approvers are ada@example.com",
    at: "approval:",
    yaml: [app, gate("approval: { by: [eve@example.com] }", "releases: { approvers: [ada@example.com] }\n")],
  },
  {
    name: "more approvals than people",
    code: "LF1026",
    what: "2 approvals are asked for, and 1 may give one",
    fix: "ask for fewer",
    at: "approval:",
    yaml: [app, gate("approval: { count: 2 }", "releases: { approvers: [ada@example.com] }\n")],
  },
  {
    name: "a burn rate of what promises nothing",
    code: "LF1026",
    what: "waits for a burn rate, and no app has an `slo`",
    fix: "without data a gate never opens",
    at: "burnRate:",
    yaml: [app, gate("burnRate: 2")],
  },
  {
    name: "a freeze that ends before it begins",
    code: "LF1003",
    what: "releases.freezes.0.until: `until` must be after `from`",
    fix: "the last day",
    at: "until:",
    yaml: [
      app,
      `${clusters}releases:\n  freezes:\n    - from: 2026-12-24\n      until: 2026-12-20\n      reason: x`,
    ],
  },
  {
    name: "a version that sets nothing",
    code: "LF1003",
    what: "apps.web.versions.bad: sets nothing, and so is no version",
    fix: "What changes, as a JSON merge patch.",
    at: "bad:",
    yaml: ["  web:\n    image: nginx:1.27\n    versions:\n      bad: {}"],
  },
  {
    name: "a version with a value of the wrong form",
    code: "LF1003",
    what: /apps\.web\.scale\.min/,
    fix: "The fewest pods",
    at: "min:",
    yaml: ["  web:\n    image: nginx:1.27\n    versions:\n      bad:\n        scale:\n          min: many"],
  },
];
