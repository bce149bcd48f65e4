import type { PlacedApp } from "../kit/placed-app.ts";
import { type AnalysedRelease, analysedRelease } from "../model/app-release.ts";
import type { KubernetesObject } from "../schema/object.ts";
import type { AppServices } from "./app-policy.ts";

/** Whether something else than Kubernetes brings out a new version, and so owns the app's Service and route. */
export function isReleased(app: PlacedApp, { progressiveDelivery }: AppServices): boolean {
  return progressiveDelivery !== undefined && analysedRelease(app.spec.release) !== undefined;
}

/** The objects that say how it does so; undefined where pods are simply replaced. */
export function releaseOf(app: PlacedApp, services: AppServices): KubernetesObject[] | undefined {
  if (!isReleased(app, services)) return undefined;
  return services.progressiveDelivery?.objectsOf(app, { gateway: services.gateway });
}

/**
 * The strategy of an app whose new versions get traffic and which nothing here can judge: neither the app nor the gateway
 * counts its requests, and no other metric is declared. It would be promoted whatever it does.
 */
export function unjudgedRelease(
  { spec, metrics: own }: PlacedApp,
  countedByGateway: boolean,
): AnalysedRelease["strategy"] | undefined {
  const release = analysedRelease(spec.release);
  if (!release || release.strategy === "blueGreen" || release.analysis.skipAnalysis) return undefined;
  const { errorRate, latencyP99, saturation, custom } = release.analysis.metrics;
  const counted = (own !== undefined || countedByGateway) && (errorRate !== false || latencyP99 !== false);
  return counted || saturation || custom.length > 0 ? undefined : release.strategy;
}
