/**
 * Requests that would reach the pods of a simulated cluster: so many a second and app, shared out by the weights of its
 * HTTPRoute as a gateway would, and counted as the pods' own programs and the gateway would count them.
 */
import type { LiveObject } from "../../src/cluster/types.ts";
import { appLabel, primarySuffix, selectorLabel } from "../../src/kit/labels.ts";

/** What a pod's template says is wrong with it, by its environment: percent of failed requests, and seconds each takes. */
export interface Faults {
  errors: number;
  seconds: number;
}

export interface Counts {
  ok: number;
  failed: number;
  seconds: number;
}

export const secondsOfHealthy = 0.02;

/** `FAULT_ERRORS` in percent and `FAULT_LATENCY_MS` of the pod's first container. */
export function faultsOf({ spec }: LiveObject): Faults {
  const { containers } = spec as { containers: { env?: { name: string; value?: string }[] }[] };
  const variable = (name: string) => containers[0]?.env?.find((one) => one.name === name)?.value;
  return {
    errors: Number(variable("FAULT_ERRORS") ?? 0),
    seconds: Number(variable("FAULT_LATENCY_MS") ?? secondsOfHealthy * 1000) / 1000,
  };
}

/** The Service whose requests a pod answers: under a canary `<app>-primary` or `<app>-canary`, else the app's own. */
export function serviceOf({ metadata }: LiveObject): string | undefined {
  const app = metadata.labels?.[appLabel];
  if (app === undefined || !metadata.annotations?.["landfall.dev/metrics-port"]) return undefined;
  if (!metadata.annotations["landfall.dev/roles"]) return app;
  return metadata.labels?.[selectorLabel]?.endsWith(primarySuffix)
    ? `${app}${primarySuffix}`
    : `${app}-canary`;
}

/** The share of an app's requests that a Service gets by the app's route; all where nothing is split. */
export function shareOf(service: string, route: LiveObject | undefined): number {
  const { rules = [] } = (route?.spec ?? {}) as {
    rules?: { backendRefs?: { name: string; weight?: number }[] }[];
  };
  const backends = rules[0]?.backendRefs ?? [];
  const total = backends.reduce((sum, { weight = 1 }) => sum + weight, 0);
  if (total === 0) return 1;
  return backends
    .filter(({ name }) => name === service)
    .reduce((sum, { weight = 1 }) => sum + weight / total, 0);
}

/** Requests are counted whole: what is left over waits for the next time. */
export function add(counts: Counts, requests: number, { errors, seconds }: Faults): Counts {
  return {
    ok: counts.ok + (requests * (100 - errors)) / 100,
    failed: counts.failed + (requests * errors) / 100,
    seconds: counts.seconds + requests * seconds,
  };
}
