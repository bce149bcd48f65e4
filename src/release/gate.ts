import { z } from "zod";

const base = {
  /** Unique in its wave. */
  id: z.string().min(1),
};

/** Where a query is asked: the clusters of the present wave, or all that have the new version. */
const scope = z.enum(["wave", "updated"]);

/** What must hold before the next wave, as the release file has it; times in milliseconds. */
export const gateSchema = z.discriminatedUnion("type", [
  /** The wave has run for this long, counted from when its last cluster was proven. */
  z.strictObject({ ...base, type: z.literal("soak"), ms: z.int().min(0) }),
  /** A query to each cluster's Prometheus; it must give data on every one, and every value must be within the limits. */
  z.strictObject({
    ...base,
    type: z.literal("promql"),
    query: z.string().min(1),
    max: z.number().optional(),
    min: z.number().optional(),
    scope,
  }),
  /** How fast the error budget of the released apps may burn: 1 spends it exactly within its period. */
  z.strictObject({ ...base, type: z.literal("burnRate"), max: z.number(), window: z.string(), scope }),
  /** Monday is 1; local times as `HH:MM` in a zone of the IANA database. */
  z.strictObject({
    ...base,
    type: z.literal("hours"),
    days: z.array(z.int().min(1).max(7)).min(1),
    from: z.string(),
    until: z.string(),
    zone: z.string(),
  }),
  /** A person says yes; `by` narrows down who may. */
  z.strictObject({
    ...base,
    type: z.literal("approval"),
    by: z.array(z.string()).optional(),
    count: z.int().min(1),
  }),
  /** Another system is asked by GET: 2xx holds, other 4xx than 408, 425 and 429 fail, all else waits. */
  z.strictObject({ ...base, type: z.literal("http"), url: z.url({ protocol: /^https?$/ }) }),
]);

export type Gate = z.output<typeof gateSchema>;
