import {
  analysedRelease,
  type GatewayValue,
  isTested,
  type KubernetesObject,
  type PlacedApp,
  type ReleaseTester,
} from "../../kit/index.ts";
import { canary } from "./canary.ts";
import { metricsOf, type Sources } from "./metric-templates.ts";
import { testerPolicy, webhooksOf } from "./webhooks.ts";

/**
 * The Canary of an app, the MetricTemplates it refers to, and the way for the tester where it has commands; nothing
 * where its release is not analysed.
 */
export function releaseObjects(
  app: PlacedApp,
  sources: Sources & { routes: GatewayValue | undefined; tester: ReleaseTester | undefined },
): KubernetesObject[] {
  const release = analysedRelease(app.spec.release);
  if (!release) return [];
  const { metrics, templates } = metricsOf(app, release, sources);
  const { routes: gateway, tester } = sources;
  const webhooks = webhooksOf(app, release, { gateway, tester });
  return [
    ...(tester && isTested(app) ? [testerPolicy(app, tester)] : []),
    ...templates,
    canary(app, release, { gateway, metrics, webhooks }),
  ];
}
