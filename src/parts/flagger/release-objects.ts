import {
  analysedRelease,
  type GatewayValue,
  type KubernetesObject,
  type PlacedApp,
} from "../../kit/index.ts";
import { canary } from "./canary.ts";
import { metricsOf, type Sources } from "./metric-templates.ts";

/** The Canary of an app and the MetricTemplates it refers to; nothing where its release is not analysed. */
export function releaseObjects(
  app: PlacedApp,
  sources: Sources & { routes: GatewayValue | undefined },
): KubernetesObject[] {
  const release = analysedRelease(app.spec.release);
  if (!release) return [];
  const { metrics, templates } = metricsOf(app, release, sources);
  return [...templates, canary(app, release, { gateway: sources.routes, metrics })];
}
