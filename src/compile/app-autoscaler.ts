import { type Owner, primarySuffix, selectorLabel } from "../kit/labels.ts";
import type { PlacedApp } from "../kit/placed-app.ts";
import { isReleaseScaled } from "../kit/released-app.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { isAutoscaled, lastingVolumes } from "./app-shape.ts";

/**
 * The autoscalers of an app. A released one has two, also where its number of pods is fixed: one for the workload that
 * becomes the canary, and one for the primary's, which so follows the declaration without waiting for a release.
 */
export function autoscalersOf(app: PlacedApp, owner: Owner, released: boolean): KubernetesObject[] {
  if (!released) return isAutoscaled(app.spec) ? [autoscaler(app, owner, app.name)] : [];
  if (!isReleaseScaled(app)) return [];
  return [app.name, `${app.name}${primarySuffix}`].map((target) => autoscaler(app, owner, target));
}

function autoscaler({ namespace, spec }: PlacedApp, owner: Owner, target: string): KubernetesObject {
  const { min, max, cpu } = spec.scale;
  const kind = lastingVolumes(spec).length > 0 ? "StatefulSet" : "Deployment";
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: {
      name: target,
      namespace,
      labels: {
        [selectorLabel]: target,
        [owner.label]: owner.name,
        "app.kubernetes.io/managed-by": "landfall",
      },
    },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind, name: target },
      minReplicas: min,
      maxReplicas: Math.max(min, max),
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpu } },
        },
      ],
    },
  };
}
