import type { LiveObject } from "../../cluster/types.ts";
import { templateAnnotation } from "../../kit/labels.ts";

interface Managed {
  manager?: string;
  subresource?: string;
  time?: string;
  fieldsV1?: { "f:spec"?: { "f:template"?: object } };
}

interface WorkloadSpec {
  template?: { metadata?: { annotations?: Record<string, string> } };
}

/** The name of a workload's pod template; undefined where it carries none. */
export function templateOf(object: LiveObject | undefined): string | undefined {
  return (object?.spec as WorkloadSpec | undefined)?.template?.metadata?.annotations?.[templateAnnotation];
}

/**
 * When a workload's pod template was written last, in epoch milliseconds by the API server's clock: the newest time
 * of whoever owns fields of it. Flagger's and autoscalers' replicas do not count, a second apply of the same does not
 * change it. What was said before then was said of another template.
 *
 * It may be later than the template where its writer changed another field too. What a controller had said of the
 * template by then is left out, which can only make a release wait.
 */
export function templateSince(object: LiveObject): number {
  const managed = (object.metadata.managedFields ?? []) as Managed[];
  const times = managed
    .filter(({ subresource, fieldsV1 }) => !subresource && fieldsV1?.["f:spec"]?.["f:template"])
    .map(({ time }) => Date.parse(time ?? ""))
    .filter((time) => !Number.isNaN(time));
  return times.length > 0 ? Math.max(...times) : Date.parse(object.metadata.creationTimestamp);
}
