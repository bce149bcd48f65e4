/** In which order clusters get a release, what must hold in between, and who has a say in it. */
import { z } from "zod";
import { duration, field, labels, name } from "./values.ts";

const gateName = field(
  name.optional(),
  "What it is called in the history; by default after its kind.",
  "errors",
);

const scope = field(
  z.enum(["wave", "updated"]).default("wave"),
  "Where it is asked: on the wave's clusters, or on all that have the new version by then.",
  "updated",
);

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as 09:00");

const zone = z.string().refine(isZone, "must be a time zone of the IANA database such as Europe/Berlin");

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    // Offsets such as +02:00 are taken too, but they know no summer.
    return /^[A-Za-z]/.test(text);
  } catch {
    return false;
  }
}

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const email = field(
  z.email("must be an e-mail address"),
  "An e-mail address, as its owner's commits have it.",
  "ada@example.com",
);

const hours = z
  .strictObject({
    days: field(
      z.array(z.enum(weekdays)).min(1).default(["mon", "tue", "wed", "thu", "fri"]),
      "The days on which it may go on.",
      ["mon", "tue", "wed", "thu"],
    ),
    from: field(time, "From when, by the zone's clock.", "09:00"),
    until: field(time, "Until when, by the zone's clock; before `from` it is the next day's.", "16:00"),
    zone: field(zone, "The time zone.", "Europe/Berlin"),
  })
  .refine(({ from, until }) => from !== until, {
    error: "`until` is the same time as `from`",
    path: ["until"],
  });

const query = z
  .strictObject({
    name: gateName,
    promql: field(
      z.string().min(1),
      "PromQL asked on each cluster; it must give data on every one, and all its values must be within the limits.",
      'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))',
    ),
    max: field(z.number().optional(), "The most a value may be.", 0.01),
    min: field(z.number().optional(), "The least a value may be.", 1),
    on: scope,
  })
  .refine(({ min, max }) => min !== undefined || max !== undefined, {
    error: "a query needs `max`, `min` or both, or it would always hold",
    path: ["max"],
  })
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, {
    error: "`min` is above `max`",
    path: ["min"],
  });

const gateSchema = z.union([
  z.strictObject({
    name: gateName,
    soak: field(duration, "How long the wave must have run, counted from its last cluster.", "10m"),
  }),
  query,
  z.strictObject({
    name: gateName,
    burnRate: field(
      z.number().gt(0),
      "How fast the error budget of the released apps may burn at most; 1 spends it exactly within its period.",
      2,
    ),
    window: field(duration.default("1h"), "The time it is taken over.", "5m"),
    on: scope,
  }),
  z.strictObject({
    name: gateName,
    hours: field(hours, "The hours in which it may go on.", {
      days: ["mon", "tue", "wed", "thu"],
      from: "09:00",
      until: "16:00",
      zone: "Europe/Berlin",
    }),
  }),
  z.strictObject({
    name: gateName,
    approval: field(
      z.strictObject({
        by: field(z.array(email).min(1).optional(), "Who may say yes; by default the release's approvers.", [
          "ada@example.com",
        ]),
        count: field(z.int().min(1).default(1), "How many must say yes.", 2),
      }),
      "People must say yes, by `landfall release approve`.",
      { count: 2 },
    ),
  }),
  z.strictObject({
    name: gateName,
    http: field(
      z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }),
      "Another system is asked by GET: 2xx holds, 4xx fails, all else waits.",
      "https://change.example.com/api/may-release",
    ),
  }),
]);

export const waveSchema = z.strictObject({
  name: field(name, "Its name.", "canaries"),
  clusters: field(z.array(name).optional(), "Its clusters by name.", ["eu-1"]),
  labels: field(labels.optional(), "Its clusters by label; all of them must match.", { tier: "canary" }),
  percent: field(
    z.int().min(1).max(100).optional(),
    "This share of them, at least one; drawn from those that no other wave names, always the same ones.",
    10,
  ),
  count: field(
    z.int().min(1).optional(),
    "This many of them; drawn from those that no other wave names, always the same ones.",
    3,
  ),
  rest: field(z.literal(true).optional(), "All clusters that no other wave has; for the last one.", true),
  gates: field(z.array(gateSchema).default([]), "What must hold before the next wave starts.", [
    { soak: "10m" },
  ]),
  concurrency: field(z.int().min(1).default(10), "How many clusters are on their way at once.", 10),
  maxUnavailable: field(
    z.int().min(0).default(0),
    "How many may be away, and are left behind, before it waits for a person.",
    1,
  ),
  timeout: field(duration.default("15m"), "How long a cluster may take.", "15m"),
});

const instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: "must be a day such as 2026-12-24, or a time with its zone such as 2026-12-24T12:00:00+01:00",
});

const freeze = z
  .strictObject({
    from: field(instant, "When it begins: a day in UTC, or a time.", "2026-12-20"),
    until: field(instant, "When it ends: the last day in UTC, or a time.", "2026-12-27"),
    reason: field(z.string().min(1), "Why, for those it stops.", "holidays"),
    apps: field(z.array(name).optional(), "The apps it is for; by default all.", ["storefront"]),
    clusters: field(z.array(name).optional(), "The clusters it is for; by default all.", ["eu-1"]),
  })
  .refine((times) => startOf(times.from) < endOf(times.until), {
    error: "`until` must be after `from`",
    path: ["until"],
  });

/** When a freeze begins, in epoch milliseconds. */
export const startOf = (from: string) => Date.parse(from);
/** When it ends: a day ends with its last moment. */
export const endOf = (until: string) => Date.parse(until) + (until.includes("T") ? 0 : 86_400_000);

export const releasesSchema = z.strictObject({
  onFailure: field(
    z.enum(["all", "wave", "none"]).default("all"),
    "Which clusters return to the last good version when a release fails: all, those of the failing wave, or none.",
    "all",
  ),
  approvers: field(
    z.array(email).default([]),
    "Who may approve and acknowledge; by default whoever can push to the fleet repo.",
    ["ada@example.com"],
  ),
  awayAfter: field(
    duration.default("5m"),
    "How long a cluster may be silent before it counts as away.",
    "5m",
  ),
  freezes: field(z.array(freeze).default([]), "Times in which nothing is released, but for hotfixes.", [
    { from: "2026-12-20", until: "2026-12-27", reason: "holidays" },
  ]),
});

export type WaveSpec = z.output<typeof waveSchema>;
export type GateSpec = z.output<typeof gateSchema>;
export type WaveSpecInput = z.input<typeof waveSchema>;
export type ReleasesSpecInput = z.input<typeof releasesSchema>;
