/** The label every pod of a company's app has; policies, scrapes and budgets select by it and nothing rewrites it. */
export const appLabel = "landfall.dev/app";
/** The same for a part's pods. */
export const partLabel = "landfall.dev/part";
/** The one label of a workload's selector. Canary controllers rewrite it, so nothing else may select by it. */
export const selectorLabel = "app.kubernetes.io/name";

/** Who an object belongs to. */
export interface Owner {
  label: typeof appLabel | typeof partLabel;
  name: string;
}

/** The recommended labels plus the owner's. `component` tells the workloads of one owner apart. */
export function labelsOf(owner: Owner, component = owner.name): Record<string, string> {
  return {
    [selectorLabel]: component,
    "app.kubernetes.io/managed-by": "landfall",
    [owner.label]: owner.name,
  };
}

/** How a pod says where its metrics are; the metrics store finds pods by these annotations alone. */
export function scrapeAnnotations(port: number, path = "/metrics"): Record<string, string> {
  return { "landfall.dev/metrics-port": String(port), "landfall.dev/metrics-path": path };
}

/** What the copies are named after that serve while a new version of an app is analysed. */
export const primarySuffix = "-primary";

/** Marks the pods of an app that has a primary and a canary; the metrics store tells them apart by their workload. */
export const rolesAnnotation: Record<string, string> = { "landfall.dev/roles": "primary-canary" };

/** The digest of a pod template, so that a rollout can be proven by the pods it made. */
export const templateAnnotation = "landfall.dev/template";
