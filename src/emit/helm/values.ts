/**
 * An app on one cluster as values of the generic chart. What must hold: the chart with these values gives the very
 * objects that `compile/render-app.ts` gives; and a person who knows Helm reads them without knowing landfall.
 */
import { adjustObjects } from "../../compile/adjust.ts";
import { type AppServices, exposedPorts } from "../../compile/app-policy.ts";
import { appProbes } from "../../compile/app-probes.ts";
import { isReleased, releaseOf } from "../../compile/app-release.ts";
import { routePort, routesOf } from "../../compile/app-routes.ts";
import { isAutoscaled } from "../../compile/app-shape.ts";
import { reachesGateway } from "../../compile/app-tokens.ts";
import { configData, envVarOf, rawOf, type SecretNames } from "../../compile/render-app.ts";
import { appLabel, rolesAnnotation } from "../../kit/labels.ts";
import type { AppPort, PlacedApp } from "../../kit/placed-app.ts";
import { doubled } from "../../kit/quantity.ts";
import { isReleaseScaled } from "../../kit/released-app.ts";
import type { DnsValue } from "../../kit/tokens.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { adjustValues } from "./adjust-values.ts";
import type { ChartValues } from "./schema.ts";

/** The values of one app; keys whose value is the chart's default are left out. */
export function valuesOf(app: PlacedApp, services: AppServices, secretName: SecretNames): ChartValues {
  const { spec } = app;
  const { cpu, memory, memoryLimit = doubled(memory) } = spec.resources;
  const { startup, liveness, readiness } = appProbes(app) as Record<string, Record<string, never>>;
  return {
    name: app.name,
    namespace: app.namespace,
    image: imageValues(app.image),
    ...(spec.command && { command: spec.command }),
    ...filled({ args: spec.args }),
    ...scaleValues(app, isReleased(app, services)),
    ...filled({ ports: app.ports, env: envValues(app, secretName), config: configData(app) }),
    resources: { requests: { cpu, memory }, limits: { memory: memoryLimit } },
    ...(startup && { startupProbe: startup }),
    ...(liveness && { livenessProbe: liveness }),
    ...(readiness && { readinessProbe: readiness }),
    drainSeconds: spec.drainSeconds,
    ...filled({ volumes: volumeValues(app) }),
    podDisruptionBudget: { maxUnavailable: spec.disruption.maxUnavailable },
    ...(app.metrics && { metrics: { port: app.metrics.port.port, path: app.metrics.path } }),
    ...filled({
      expose: exposeValues(app, services),
    }),
    ...(isReleased(app, services) && { released: true, podAnnotations: rolesAnnotation }),
    ...(app.answersForOthers && { answersForOthers: true }),
    ...filled({
      calls: callValues(app),
      callers: app.callers,
      reaches: spec.reaches,
    }),
    ...filled({
      platform: platformValues(app, services),
      extraObjects: extraObjects(app, services) as never,
    }),
    ...filled({ adjust: adjustValues(app, services, secretName) }),
  };
}

/** Without the keys that hold nothing. */
function filled<T extends Record<string, object>>(values: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => Object.keys(value).length > 0),
  ) as Partial<T>;
}

/** `ghcr.io/shop/cart:1.2@sha256:…` in its parts. */
function imageValues(reference: string): ChartValues["image"] {
  const [, repository, tag, digest] = reference.match(/^(.+?)(?::([^:/@]+))?(?:@([^@]+))?$/) ?? [];
  if (!repository) return { repository: reference };
  return { repository, ...(tag && { tag }), ...(digest && { digest }) };
}

function scaleValues(app: PlacedApp, released: boolean): Partial<ChartValues> {
  const { min, max, cpu } = app.spec.scale;
  if (!(released ? isReleaseScaled(app) : isAutoscaled(app.spec))) return { replicas: min };
  return {
    autoscaling: {
      enabled: true,
      minReplicas: min,
      maxReplicas: Math.max(min, max),
      targetCPUUtilizationPercentage: cpu,
    },
  };
}

/** What a canary controller is told, as adjusted, and what the app brings itself. */
function extraObjects(app: PlacedApp, services: AppServices): KubernetesObject[] {
  return [...adjustObjects(releaseOf(app, services) ?? [], app.spec.adjust), ...rawOf(app)];
}

/** Plain values as strings: Helm would write the number 1000000 as 1e+06. */
function envValues(app: PlacedApp, secretName: SecretNames): NonNullable<ChartValues["env"]> {
  const entries = Object.entries(app.spec.env).map(([name, declared]) => {
    const { value = "", valueFrom } = envVarOf(app, declared, secretName);
    return [name, valueFrom ?? value] as const;
  });
  return Object.fromEntries(entries) as NonNullable<ChartValues["env"]>;
}

function volumeValues({ spec }: PlacedApp): NonNullable<ChartValues["volumes"]> {
  const volumes = Object.entries(spec.volumes).map(([name, { path, size, ephemeral, storageClass }]) => [
    name,
    { path, size, ...(ephemeral && { ephemeral }), ...(storageClass && { storageClass }) },
  ]);
  return Object.fromEntries(volumes);
}

/** Where it answers; who answers is said where it is not the app alone. */
function exposeValues(app: PlacedApp, { gateway }: AppServices): NonNullable<ChartValues["expose"]> {
  const rendered = gateway ? routesOf(app, gateway, { label: appLabel, name: app.name }) : [];
  return app.spec.expose.map(({ host, path, port }, i) => {
    const backends = backendsOf(rendered[i]);
    const shared = backends.length > 1 && { backends };
    return { host, path, port: routePort(app, port)?.name ?? "", ...shared };
  });
}

type Backends = NonNullable<NonNullable<ChartValues["expose"]>[number]["backends"]>;

function backendsOf(route: KubernetesObject | undefined): Backends {
  const spec = route?.spec as { rules: { backendRefs: Backends }[] } | undefined;
  return spec?.rules[0]?.backendRefs ?? [];
}

function callValues(app: PlacedApp): NonNullable<ChartValues["calls"]> {
  const called = (ports: AppPort[]) => ports.filter(({ name }) => name !== "metrics");
  return app.callees.map(({ name, namespace, ports }) => ({ name, namespace, ports: called(ports) }));
}

/** What the app uses of its cluster's parts. */
function platformValues(app: PlacedApp, services: AppServices): NonNullable<ChartValues["platform"]> {
  const { gateway, metricsStore, dns } = services;
  return {
    ...(gateway &&
      (exposedPorts(app).length > 0 || reachesGateway(app.spec)) && {
        gateway: { name: gateway.name, namespace: gateway.namespace, pods: gateway.pods },
      }),
    ...(metricsStore && app.metrics && { metricsStore: { pods: metricsStore.pods } }),
    ...(dns && { dns: dnsValues(dns) }),
  };
}

function dnsValues({ pods, port }: DnsValue): NonNullable<NonNullable<ChartValues["platform"]>["dns"]> {
  const home = { matchLabels: { "kubernetes.io/metadata.name": pods.namespace } };
  return {
    ports: [port],
    to: [{ namespaceSelector: home, podSelector: { matchLabels: pods.labels } }],
  };
}
