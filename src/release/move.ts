import { z } from "zod";

/** A Deployment or StatefulSet whose pods tell which version runs. */
const workload = z.strictObject({
  kind: z.string().min(1),
  namespace: z.string().min(1),
  name: z.string().min(1),
  /** The annotation `landfall.dev/template` of its pod template; absent where the object carries none. */
  template: z.string().optional(),
  /** Flagger moves its version: `<name>-primary` is what proves it. */
  canary: z.boolean().optional(),
});

/** What one bundle holds, at one version, on the clusters of a move. */
const contentSchema = z.strictObject({
  /** File or folder in the fleet repo. */
  path: z.string().min(1),
  /** What Flux calls it: `latest@sha256:…` of the content alone, so that a status of other content counts for nothing. */
  revision: z.string().min(1),
  workloads: z.array(workload),
});

/** One bundle's way from one content to another. */
export const moveSchema = z.strictObject({
  /** @example "app-storefront" */
  bundle: z.string().min(1),
  clusters: z.array(z.string().min(1)).min(1),
  /** The last good content. */
  from: contentSchema,
  to: contentSchema,
  /** The last good content as a rollback writes it: where a canary judges changes, without another analysis. */
  back: contentSchema,
  /** Where the contents lie once nothing moves any more. */
  settled: z.strictObject({ from: z.string().min(1), to: z.string().min(1) }),
});

export type Move = z.output<typeof moveSchema>;
export type Content = z.output<typeof contentSchema>;
export type Workload = z.output<typeof workload>;
