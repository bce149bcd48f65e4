import { appLabel, type Owner, scrapeAnnotations, selectorLabel } from "../kit/labels.ts";
import { dnsEdge, type Edge, networkPolicy, scrapeEdge } from "../kit/network.ts";
import type { AppPort, PlacedApp } from "../kit/placed-app.ts";
import type { ContainerSpec, EnvVar, Mount } from "../kit/pod.ts";
import type { DnsValue, GatewayValue, PodGroup } from "../kit/tokens.ts";
import {
  configMap,
  disruptionBudget,
  headlessService,
  service,
  serviceAccount,
  workload,
} from "../kit/workload.ts";
import type { EnvValue } from "../model/app.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { canonicalJson, sha256 } from "../util/hash.ts";
import { appProbes } from "./app-probes.ts";

export const configDir = "/etc/landfall/config";

/** What the parts of a cluster offer to its apps. */
export interface AppServices {
  gateway: GatewayValue | undefined;
  dns: DnsValue | undefined;
  metricsStore: { pods: PodGroup } | undefined;
}

/** What pods must restart for although their own spec stays: the content of referenced secrets, by secret. */
export type SecretVersions = ReadonlyMap<string, string>;

/** Every object of one app on one cluster, natively rendered. */
export function renderApp(
  app: PlacedApp,
  services: AppServices,
  secrets: SecretVersions,
): KubernetesObject[] {
  const owner: Owner = { label: appLabel, name: app.name };
  const { name, namespace, spec } = app;
  const objects = [
    serviceAccount(name, namespace, owner),
    ...configOf(app, owner),
    workloadOf(app, owner, secrets),
  ];
  const ports = app.ports;
  if (ports.length > 0) objects.push(service({ name, namespace, owner, ports }));
  if (lastingVolumes(app).length > 0) objects.push(headlessService({ name, namespace, owner, ports }));
  objects.push(disruptionBudget(name, namespace, owner, spec.disruption.maxUnavailable));
  objects.push(policyOf(app, owner, services));
  if (isAutoscaled(app)) objects.push(autoscaler(app, owner));
  if (services.gateway) objects.push(...routesOf(app, services.gateway, owner));
  return [...objects, ...(spec.raw as unknown as KubernetesObject[])];
}

/** Whether an autoscaler drives the number of pods. */
export function isAutoscaled(app: PlacedApp): boolean {
  return app.spec.scale.max > app.spec.scale.min;
}

function lastingVolumes(app: PlacedApp) {
  return Object.entries(app.spec.volumes).filter(([, volume]) => !volume.ephemeral);
}

function configOf(app: PlacedApp, owner: Owner): KubernetesObject[] {
  const files = Object.entries(app.spec.config);
  if (files.length === 0) return [];
  const data = files.map(([file, content]) => [
    file,
    typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`,
  ]);
  return [configMap(`${app.name}-config`, app.namespace, owner, Object.fromEntries(data))];
}

function workloadOf(app: PlacedApp, owner: Owner, secrets: SecretVersions): KubernetesObject {
  const { spec, name, namespace } = app;
  const claims = lastingVolumes(app);
  const grace = spec.drainSeconds + 25;
  return workload({
    kind: claims.length > 0 ? "StatefulSet" : "Deployment",
    name,
    namespace,
    owner,
    replicas: isAutoscaled(app) ? undefined : spec.scale.min,
    podAnnotations: restartAnnotations(app, secrets),
    claims: claims.map(([volume, { size, storageClass }]) => ({
      metadata: { name: volume },
      spec: {
        accessModes: ["ReadWriteOnce"],
        ...(storageClass && { storageClassName: storageClass }),
        resources: { requests: { storage: size } },
      },
    })),
    pod: {
      serviceAccount: name,
      containers: [mainContainer(app)],
      volumes: volumesOf(app),
      terminationGraceSeconds: grace,
      extra: spreadOf(app),
    },
  });
}

/** Pods read config and secrets at start, so a change of either must change the template. */
function restartAnnotations(app: PlacedApp, secrets: SecretVersions): Record<string, string> {
  const used = secretsOf(app);
  return {
    ...(app.metrics && scrapeAnnotations(app.metrics.port.port, app.metrics.path)),
    ...(Object.keys(app.spec.config).length > 0 && {
      "landfall.dev/config-hash": sha256(canonicalJson(app.spec.config)).slice(0, 16),
    }),
    ...(used.length > 0 && {
      "landfall.dev/secrets-hash": sha256(used.map((secret) => secrets.get(secret) ?? "").join("\n")).slice(
        0,
        16,
      ),
    }),
  };
}

/** The names of the secrets an app refers to, sorted. */
export function secretsOf(app: PlacedApp): string[] {
  const names = Object.values(app.spec.env).flatMap((value) =>
    typeof value === "object" && "secret" in value ? [value.secret] : [],
  );
  return [...new Set(names)].sort();
}

function mainContainer(app: PlacedApp): ContainerSpec {
  const { spec, name, image } = app;
  const mounts: Mount[] = Object.entries(spec.volumes).map(([volume, { path }]) => ({
    name: volume,
    mountPath: path,
  }));
  if (Object.keys(spec.config).length > 0)
    mounts.push({ name: "config", mountPath: configDir, readOnly: true });
  mounts.push({ name: "tmp", mountPath: "/tmp" });
  return {
    name,
    image,
    ...(spec.command && { command: spec.command }),
    args: spec.args,
    env: envOf(app),
    ports: app.ports,
    mounts,
    resources: spec.resources,
    probes: appProbes(app),
    drainSeconds: spec.drainSeconds,
  };
}

function envOf(app: PlacedApp): EnvVar[] {
  const vars = new Map<string, EnvVar>();
  const set = (name: string, rest: Omit<EnvVar, "name">) => vars.set(name, { name, ...rest });
  set("OTEL_SERVICE_NAME", { value: app.name });
  set("APP_VERSION", { value: app.image.slice(app.image.lastIndexOf(":") + 1) });
  if (Object.keys(app.spec.config).length > 0) set("CONFIG_DIR", { value: configDir });
  for (const callee of app.callees) {
    const prefix = envName(callee.name);
    for (const [i, { name, port }] of callee.ports.filter((p) => p.name !== "metrics").entries()) {
      const value = `${hostOf(callee)}:${port}`;
      if (i === 0) set(`${prefix}_ADDR`, { value });
      set(`${prefix}_${envName(name)}_ADDR`, { value });
    }
  }
  for (const [name, value] of Object.entries(app.spec.env)) set(name, envVarOf(app, value));
  return [...vars.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function envName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

function hostOf(app: { name: string; namespace: string }): string {
  return `${app.name}.${app.namespace}.svc.cluster.local`;
}

function envVarOf(app: PlacedApp, value: EnvValue): Omit<EnvVar, "name"> {
  if (typeof value !== "object") return { value: String(value) };
  if ("secret" in value) return { valueFrom: { secretKeyRef: { name: value.secret, key: value.key } } };
  const called = [...app.callees, app].find((callee) => callee.name === value.address);
  const port = called?.ports.find((p) => value.port === undefined || p.name === value.port);
  return { value: called && port ? `${hostOf(called)}:${port.port}` : "" };
}

function volumesOf(app: PlacedApp): object[] {
  const ephemeral = Object.entries(app.spec.volumes).filter(([, volume]) => volume.ephemeral);
  return [
    ...ephemeral.map(([name, { size }]) => ({ name, emptyDir: { sizeLimit: size } })),
    ...(Object.keys(app.spec.config).length > 0
      ? [{ name: "config", configMap: { name: `${app.name}-config` } }]
      : []),
    { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
  ];
}

function spreadOf(app: PlacedApp): object {
  if (app.spec.scale.min < 2 && !isAutoscaled(app)) return {};
  const constraint = (topologyKey: string) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { [appLabel]: app.name } },
  });
  return {
    topologySpreadConstraints: [
      constraint("topology.kubernetes.io/zone"),
      constraint("kubernetes.io/hostname"),
    ],
  };
}

function policyOf(app: PlacedApp, owner: Owner, services: AppServices): KubernetesObject {
  const served = servedPorts(app.ports);
  const podsOf = (other: { name: string; namespace: string }): PodGroup => ({
    namespace: other.namespace,
    labels: { [appLabel]: other.name },
  });
  const ingress: Edge[] = [];
  if (app.callers.length > 0 && served.length > 0)
    ingress.push({ pods: app.callers.map(podsOf), ports: served });
  if (app.spec.expose.length > 0 && services.gateway)
    ingress.push({ pods: [services.gateway.pods], ports: exposedPorts(app) });
  if (app.metrics) ingress.push(...scrapeEdge(services.metricsStore, app.metrics.port.port));
  const egress: Edge[] = [
    dnsEdge(services.dns),
    ...app.callees
      .map((callee) => ({ pods: [podsOf(callee)], ports: servedPorts(callee.ports) }))
      .filter(({ ports }) => ports.length > 0),
  ];
  return networkPolicy({ name: app.name, namespace: app.namespace, owner, ingress, egress });
}

/** The ports callers may reach; the one named `metrics` is the metrics store's alone. */
function servedPorts(ports: AppPort[]): { port: number }[] {
  return ports.filter(({ name }) => name !== "metrics").map(({ port }) => ({ port }));
}

function exposedPorts(app: PlacedApp): { port: number }[] {
  return [...new Set(app.spec.expose.map(({ port }) => routePort(app, port)?.port ?? 0))].map((port) => ({
    port,
  }));
}

function routePort(app: PlacedApp, name: string | undefined) {
  return name
    ? app.ports.find((p) => p.name === name)
    : app.ports.find((p) => p.protocol !== "tcp" && p.name !== "metrics");
}

function autoscaler(app: PlacedApp, owner: Owner): KubernetesObject {
  const { name, namespace, spec } = app;
  const kind = lastingVolumes(app).length > 0 ? "StatefulSet" : "Deployment";
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: {
      name,
      namespace,
      labels: {
        [selectorLabel]: name,
        [owner.label]: owner.name,
        "app.kubernetes.io/managed-by": "landfall",
      },
    },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind, name },
      minReplicas: spec.scale.min,
      maxReplicas: spec.scale.max,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: spec.scale.cpu } },
        },
      ],
    },
  };
}

function routesOf(app: PlacedApp, gateway: GatewayValue, owner: Owner): KubernetesObject[] {
  return app.spec.expose.map(({ host, path, port: portName }, i) => {
    const port = routePort(app, portName);
    const grpc = port?.protocol === "grpc";
    const name = i === 0 ? app.name : `${app.name}-${i + 1}`;
    const backendRefs = [{ name: app.name, port: port?.port }];
    return {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: grpc ? "GRPCRoute" : "HTTPRoute",
      metadata: {
        name,
        namespace: app.namespace,
        labels: { "app.kubernetes.io/managed-by": "landfall", [owner.label]: owner.name },
      },
      spec: {
        parentRefs: [{ name: gateway.name, namespace: gateway.namespace }],
        hostnames: [host],
        rules: [
          grpc ? { backendRefs } : { matches: [{ path: { type: "PathPrefix", value: path } }], backendRefs },
        ],
      },
    };
  });
}
