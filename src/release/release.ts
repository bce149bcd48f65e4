import { z } from "zod";
import { gateSchema } from "./gate.ts";
import { moveSchema } from "./move.ts";
import { instant, policySchema } from "./policy.ts";

export const waveSchema = z.strictObject({
  name: z.string().min(1),
  clusters: z.array(z.string().min(1)).min(1),
  /** What must hold, with every cluster of the wave at the new version, before the next wave may start. */
  gates: z.array(gateSchema),
  /** Clusters on their way at once. */
  concurrency: z.int().min(1),
  /** Clusters that may be away or skipped before the wave waits for a person. */
  maxUnavailable: z.int().min(0),
  /** Milliseconds a cluster may take to reach the new version, and a gate without data to get some. */
  timeoutMs: z.int().min(1),
});

/**
 * Where a cluster stands:
 * `waiting` at the old version · `updating` told to move · `updated` proven at the new one ·
 * `skipped` away when its turn came, still at the old one · `away` lost while moving ·
 * `returning` told to go back · `returned` proven at the last good version again.
 */
const clusterState = z.enum(["waiting", "updating", "updated", "skipped", "away", "returning", "returned"]);

const progressSchema = z.strictObject({
  state: clusterState,
  /** When it entered this state. */
  since: instant,
  why: z.string().optional(),
});

const evidenceSchema = z.strictObject({
  /** What decided it. @example "gate error-rate" */
  what: z.string(),
  cluster: z.string().optional(),
  /** The query or object that was asked, and what it said. */
  query: z.string().optional(),
  value: z.string().optional(),
  limit: z.string().optional(),
  /** Events and conditions, newest first. */
  lines: z.array(z.string()),
});

/**
 * `queued` waits for its turn · `running` · `paused` by a person, or because too many clusters are away ·
 * `returning` clusters go back · and five ends: `succeeded`, `rolledBack` after a failure, `halted` after a failure
 * whose policy leaves clusters as they are, `aborted` by a person, `superseded` by a newer release.
 */
const phaseSchema = z.enum([
  "queued",
  "running",
  "paused",
  "returning",
  "succeeded",
  "rolledBack",
  "halted",
  "aborted",
  "superseded",
]);

const stepSchema = z.strictObject({
  step: z.int().min(0),
  at: instant,
  /** @example "advance" */
  action: z.string().min(1),
  wave: z.int().min(0).optional(),
  clusters: z.array(z.string()).optional(),
  by: z.string().optional(),
  why: z.string().optional(),
});

/** A value in one of the declaration's data files, of an app, before the release and since; absent is not said there. */
const changedValueSchema = z.strictObject({
  app: z.string(),
  file: z.string(),
  path: z.array(z.string()).min(1),
  was: z.unknown().optional(),
  now: z.unknown().optional(),
});

/** A release file, `releases/<id>.json` in the fleet repo: all that the engine remembers. */
export const releaseSchema = z.strictObject({
  form: z.literal(1),
  id: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .max(100),
  /** @example "storefront 2.1.0" */
  title: z.string().min(1),
  startedBy: z.string().min(1),
  startedAt: instant,
  /** The fleet's head it was made from, and the declaration's commit. */
  base: z.string().min(1),
  source: z.string().optional(),
  /** Where the declaration says what is released. */
  origins: z.array(z.strictObject({ app: z.string(), file: z.string(), line: z.int().optional() })),
  /** What starting it changed there, so that it can be taken back. */
  changed: z.array(changedValueSchema).optional(),
  /** A higher one overtakes: 0 is usual, 10 a hotfix. */
  priority: z.int().min(0).max(100),
  moves: z.array(moveSchema).min(1),
  /** Clusters that keep a bundle's content while its file gets another name by the release; for settling alone. */
  renamed: z
    .array(
      z.strictObject({
        bundle: z.string().min(1),
        clusters: z.array(z.string().min(1)).min(1),
        settled: z.strictObject({ from: z.string().min(1), to: z.string().min(1) }),
      }),
    )
    .optional(),
  waves: z.array(waveSchema).min(1),
  policy: policySchema,

  phase: phaseSchema,
  /** Index of the present wave. */
  wave: z.int().min(0),
  /** When every cluster of the present wave was proven; gates count from here on. */
  provenAt: instant.optional(),
  /** Actions committed so far. */
  step: z.int().min(0),
  clusters: z.record(z.string(), progressSchema),
  approvals: z.array(z.strictObject({ wave: z.int().min(0), gate: z.string(), by: z.string(), at: instant })),
  /** Why it stopped, and by what evidence. */
  reason: z.string().optional(),
  evidence: z.array(evidenceSchema),
  /** What a `paused` release waits for: a person, clusters that are away, or pointers changed by hand. */
  pausedFor: z.enum(["person", "away", "pointer"]).optional(),
  /** Clusters of the present wave that a person resumed without. */
  without: z.int().min(0).optional(),
  /** Clusters that a `returning` release sends back. */
  returns: z.array(z.string()).optional(),
  /** What a `returning` release becomes when these are back. */
  becomes: z.enum(["rolledBack", "aborted", "superseded"]).optional(),
  /** A release that failed blocks the next one of its apps until somebody has seen it. */
  acknowledged: z.strictObject({ by: z.string(), at: instant }).optional(),
  /** Its contents are at their settled places, and its folder is gone or only kept to go back. */
  settled: z.boolean(),
  log: z.array(stepSchema),
});

export type { Content, Move, Workload } from "./move.ts";
export type Release = z.output<typeof releaseSchema>;
export type Wave = z.output<typeof waveSchema>;
export type Progress = z.output<typeof progressSchema>;
export type Phase = z.output<typeof phaseSchema>;
export type ChangedValue = z.output<typeof changedValueSchema>;
export type Evidence = z.output<typeof evidenceSchema>;
