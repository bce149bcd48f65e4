import { z } from "zod";

/** RFC 3339 in UTC, as `new Date(t).toISOString()` writes it. */
export const instant = z.iso.datetime({ precision: 3 });

export const policySchema = z.strictObject({
  /** Which clusters return to the last good version when the release fails. */
  onFailure: z.enum(["all", "wave", "none"]),
  /** Who may approve and acknowledge; empty means everybody who can push. */
  approvers: z.array(z.string()),
  /** Milliseconds without an answer after which a cluster counts as away. */
  awayAfterMs: z.int().min(1),
  /** Times in which no cluster starts, unless the release is a hotfix. */
  freezes: z.array(
    z.strictObject({
      from: instant,
      until: instant,
      reason: z.string().min(1),
      /** All of the release's when absent. */
      clusters: z.array(z.string().min(1)).optional(),
    }),
  ),
});
