/**
 * A Canary of one app: which strategy, through which routes, judged by what. Two things of Flagger's make it look as it
 * does: it compares the route it finds with the one it wants, so that defaults of the API server must be written out,
 * or it would put the weights back at every look; and a route for certain requests without a timeout is refused.
 */
import {
  type AnalysedRelease,
  appLabel,
  type GatewayValue,
  isReleaseScaled,
  type KubernetesObject,
  labelsOf,
  type PlacedApp,
  releasedPort,
} from "../../kit/index.ts";
import { headerMatches } from "./matches.ts";
import type { CanaryMetric } from "./metric-templates.ts";

/** Flagger's name for routes of Gateway API. */
export const gatewayProvider = "gatewayapi:v1";

/** With routes to steer any gateway does; without, traffic goes over at once, Service by Service. */
export function canary(
  app: PlacedApp,
  { strategy, analysis }: AnalysedRelease,
  {
    gateway,
    metrics,
    webhooks,
  }: { gateway: GatewayValue | undefined; metrics: CanaryMetric[]; webhooks: object[] },
): KubernetesObject {
  const { name, namespace, spec } = app;
  const routed = gateway !== undefined && spec.expose.length > 0;
  return {
    apiVersion: "flagger.app/v1beta1",
    kind: "Canary",
    metadata: { name, namespace, labels: labelsOf({ label: appLabel, name }) },
    spec: {
      provider: routed ? gatewayProvider : "kubernetes",
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      ...(isReleaseScaled(app) && {
        autoscalerRef: { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", name },
      }),
      // A version that never starts is given up as late as a slow one may still become ready, and an image be pulled.
      progressDeadlineSeconds: spec.probes.startSeconds + 120,
      skipAnalysis: analysis.skipAnalysis,
      service: serviceOf(app, routed ? gateway : undefined, strategy),
      analysis: {
        interval: analysis.interval,
        threshold: analysis.threshold,
        ...stepsOf({ strategy, analysis } as AnalysedRelease),
        ...(metrics.length > 0 && { metrics }),
        ...(webhooks.length > 0 && { webhooks }),
      },
    },
  };
}

function stepsOf({ strategy, analysis }: AnalysedRelease): object {
  if (strategy === "blueGreen") return { iterations: analysis.iterations };
  if (strategy === "abTest")
    return { iterations: analysis.iterations, match: analysis.match.map(headerMatches) };
  const { steps = [10, 25, 50], maxWeight, stepWeight } = analysis;
  return stepWeight === undefined ? { stepWeights: steps } : { maxWeight, stepWeight };
}

function serviceOf(
  { name, ports, spec }: PlacedApp,
  gateway: GatewayValue | undefined,
  strategy: AnalysedRelease["strategy"],
): object {
  const [first] = spec.expose;
  const port = releasedPort({ ports, spec });
  // The Services and the route are Flagger's; the label says whose they are for.
  const metadata = { labels: { [appLabel]: name, "app.kubernetes.io/managed-by": "flagger" } };
  return {
    port: port?.port,
    portName: port?.name,
    targetPort: port?.name,
    ...(port && port.protocol !== "tcp" && { appProtocol: appProtocols[port.protocol] }),
    portDiscovery: true,
    ...(gateway && {
      gatewayRefs: [
        {
          group: "gateway.networking.k8s.io",
          kind: "Gateway",
          name: gateway.name,
          namespace: gateway.namespace,
        },
      ],
      hosts: spec.expose.map(({ host }) => host),
      ...(first && first.path !== "/" && { match: [{ uri: { prefix: first.path } }] }),
      // 0s is no timeout.
      ...(strategy === "abTest" && { timeout: "0s" }),
    }),
    apex: metadata,
    primary: metadata,
    canary: metadata,
  };
}

const appProtocols = { http: "http", grpc: "kubernetes.io/h2c" };
