/**
 * How a new version of an app takes the old one's place: at once pod by pod (rolling), by shares of the traffic
 * (canary), by certain requests (abTest), or beside the old one until it is proven (blueGreen).
 */
import { z } from "zod";
import { asked, hook } from "./app-hooks.ts";
import { duration, field, name } from "./values.ts";

/** Go's durations as Flux and Flagger read them; a controller looks every ten seconds at most. */
const interval = z
  .string()
  .regex(/^\d+(s|m)$/, { error: "must be a duration in seconds or minutes such as 30s or 1m", abort: true })
  .refine((text) => secondsOf(text) >= 10, "must be 10s or more: nothing looks more often");

function secondsOf(text: string): number {
  return Number.parseInt(text, 10) * (text.endsWith("m") ? 60 : 1);
}

const share = z
  .string()
  .regex(/^\d+(\.\d+)?%$/, { error: "must be a share such as 1% or 0.5%", abort: true })
  .refine((text) => Number.parseFloat(text) <= 100, "must be 100% or less");

const weight = z.int().min(1).max(100);

const customMetric = z
  .strictObject({
    name: field(name.max(30), "Its name.", "queue-age"),
    query: field(
      z.string().min(1),
      "PromQL that gives one number; `{{ namespace }}`, `{{ target }}`, `{{ service }}`, `{{ name }}` and `{{ interval }}` stand for the app's.",
      'max(queue_age_seconds{namespace="{{ namespace }}",app="{{ target }}",role="canary"})',
    ),
    max: field(z.number().optional(), "The most it may be.", 30),
    min: field(z.number().optional(), "The least it may be.", 1),
  })
  .refine(({ min, max }) => min !== undefined || max !== undefined, {
    error: "a metric needs `max`, `min` or both, or it would always be well",
    path: ["max"],
  })
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, {
    error: "`min` is above `max`",
    path: ["min"],
  });

const metrics = z.strictObject({
  errorRate: field(
    z.union([share, z.literal(false)]).optional(),
    "The share of requests that may fail; by default 1%. Without traffic nothing is well: turn it off where there is none.",
    "1%",
  ),
  latencyP99: field(
    z.union([duration, z.literal(false)]).optional(),
    "What 99 % of requests must stay below; by default the SLO's latency, else 500ms.",
    "500ms",
  ),
  saturation: field(
    share.optional(),
    "How full the memory of any new pod may get, of its limit; read from the containers themselves.",
    "90%",
  ),
  custom: field(
    z.array(customMetric).default([]),
    "Anything else that PromQL can tell. A query without a result counts as a failed check.",
    [{ name: "queue-age", query: "max(queue_age_seconds)", max: 30 }],
  ),
});

/** What all analyses have. */
const analysis = {
  interval: field(interval.default("30s"), "How often the new version is looked at.", "30s"),
  window: field(interval.default("1m"), "The time each look at a metric covers; at least two scrapes.", "1m"),
  threshold: field(z.int().min(1).default(5), "How many failed checks roll it back.", 5),
  metrics: field(metrics.prefault({}), "What decides.", { errorRate: "1%", latencyP99: "500ms" }),
  loadTest: field(
    asked.optional(),
    "Load that is started at every check, where the app's own traffic is too little to judge by: a command, or an address that is asked.",
    "hey -z 30s -q 10 {{ url }}/",
  ),
  acceptance: field(
    asked.optional(),
    "A test that must pass before the new version gets any traffic: a command, or an address that is asked.",
    "curl -sf {{ url }}/healthz",
  ),
  hooks: field(z.array(hook).default([]), "Anything else to ask on the way.", [
    { name: "approve", type: "confirm-promotion", url: "http://gate.test/" },
  ]),
  alert: field(
    z.union([z.enum(["page", "ticket"]), z.literal(false)]).default("ticket"),
    "How severe the alert is when it was rolled back.",
    "page",
  ),
  skipAnalysis: field(
    z.boolean().default(false),
    "Promote without looking; for rollbacks and emergencies.",
    true,
  ),
};

const canary = z
  .strictObject({
    ...analysis,
    steps: field(
      z.array(weight).min(1).optional(),
      "The shares of traffic it gets one after the other, in percent; by default 10, 25, 50. After the last it is promoted.",
      [10, 25, 50],
    ),
    maxWeight: field(weight.optional(), "Instead of `steps`: the share at which it is promoted.", 50),
    stepWeight: field(weight.optional(), "Instead of `steps`: how much each step adds.", 10),
  })
  .refine(({ steps, maxWeight, stepWeight }) => !steps || (maxWeight ?? stepWeight) === undefined, {
    error: "give `steps`, or `maxWeight` with `stepWeight`, and not both",
    path: ["steps"],
  })
  .refine(({ maxWeight, stepWeight }) => (maxWeight === undefined) === (stepWeight === undefined), {
    error: "`maxWeight` and `stepWeight` go together",
    path: ["stepWeight"],
  })
  .refine(({ maxWeight = 100, stepWeight = 0 }) => stepWeight <= maxWeight, {
    error: "`stepWeight` is above `maxWeight`",
    path: ["stepWeight"],
  })
  .refine(({ steps = [] }) => steps.every((step, i) => i === 0 || step > (steps[i - 1] ?? 0)), {
    error: "each step must be above the one before",
    path: ["steps"],
  });

const iterations = field(z.int().min(1).default(10), "How many checks it must pass.", 10);

const headerMatch = z.union([
  z.string().min(1),
  z.strictObject({
    regex: field(z.string().min(1), "A regular expression over the whole value.", "beta-.*"),
  }),
]);

const match = z
  .strictObject({
    headers: field(
      z.record(z.string().regex(/^[A-Za-z0-9-]+$/, "must be a header's name"), headerMatch).default({}),
      "Headers a request must have, all of them.",
      { "x-user": "insider" },
    ),
    cookie: field(
      z
        .strictObject({
          name: field(z.string().regex(/^[\w.-]+$/, "must be a cookie's name"), "Its name.", "canary"),
          value: field(z.string().regex(/^[\w.-]+$/, "must be a cookie's value"), "Its value.", "always"),
        })
        .optional(),
      "A cookie a request must have.",
      { name: "canary", value: "always" },
    ),
  })
  .refine(({ headers, cookie }) => cookie !== undefined || Object.keys(headers).length > 0, {
    error: "a match needs a header or a cookie",
    path: ["headers"],
  })
  .refine(
    ({ headers, cookie }) => !cookie || !Object.keys(headers).some((key) => key.toLowerCase() === "cookie"),
    { error: "give the cookie as `cookie` or as a header, and not both", path: ["cookie"] },
  );

const iterated = { ...analysis, iterations };

const rolling = z.strictObject({});
const blueGreen = z.strictObject(iterated);
const abTest = z.strictObject({
  ...iterated,
  match: field(z.array(match).min(1), "Which requests the new version answers: any of these.", [
    { headers: { "x-user": "insider" } },
  ]),
});

/** Exactly one key; each is optional to the schema only so that all of them are known by name. */
export const releaseSchema = z
  .strictObject({
    rolling: field(rolling.optional(), "Pod by pod, as Kubernetes does it; the default.", {}),
    canary: field(canary.optional(), "The new version gets growing shares of the traffic.", {
      steps: [10, 25, 50],
    }),
    blueGreen: field(
      blueGreen.optional(),
      "The new version runs beside the old one and is tested; then all traffic goes over.",
      { iterations: 10 },
    ),
    abTest: field(
      abTest.optional(),
      "The new version answers certain requests until it has passed all checks.",
      { iterations: 10, match: [{ headers: { "x-user": "insider" } }] },
    ),
  })
  .superRefine((release, cx) => {
    const kinds = Object.keys(releaseSchema.shape) as Strategy[];
    const given = kinds.filter((kind) => release[kind]);
    if (given.length === 1) return;
    const message =
      given.length === 0
        ? `must say one of ${kinds.join(", ")}`
        : `says ${given.join(" and ")}; an override that chooses another takes the first back with \`${given[0]}: null\``;
    cx.addIssue({ code: "custom", message });
  });

type Spec = z.output<typeof releaseSchema>;
type Strategy = keyof Spec;
interface Input {
  rolling: z.input<typeof rolling>;
  canary: z.input<typeof canary>;
  blueGreen: z.input<typeof blueGreen>;
  abTest: z.input<typeof abTest>;
}

/** As it is written in TypeScript: the type lets one key through. */
export type ReleaseInput =
  | { rolling: Input["rolling"] }
  | { canary: Input["canary"] }
  | { blueGreen: Input["blueGreen"] }
  | { abTest: Input["abTest"] };

/** As an override writes it: it may take the declared one back with null. */
export type ReleasePatch = { [K in Strategy]?: Partial<Input[K]> | null };

export type CanaryRelease = NonNullable<Spec["canary"]>;
export type BlueGreenRelease = NonNullable<Spec["blueGreen"]>;
export type AbTestRelease = NonNullable<Spec["abTest"]>;
export type CustomMetric = z.output<typeof customMetric>;

/** A release that is analysed, with the strategy's name. */
export type AnalysedRelease =
  | { strategy: "canary"; analysis: CanaryRelease }
  | { strategy: "blueGreen"; analysis: BlueGreenRelease }
  | { strategy: "abTest"; analysis: AbTestRelease };

/** How a release is analysed; undefined where pods are replaced without. */
export function analysedRelease(release: Spec | undefined): AnalysedRelease | undefined {
  if (release?.canary) return { strategy: "canary", analysis: release.canary };
  if (release?.blueGreen) return { strategy: "blueGreen", analysis: release.blueGreen };
  return release?.abTest && { strategy: "abTest", analysis: release.abTest };
}
