import { contentName } from "../kit/content-name.ts";
import { appLabel, type Owner, rolesAnnotation, scrapeAnnotations } from "../kit/labels.ts";
import type { PlacedApp } from "../kit/placed-app.ts";
import { type ContainerSpec, type EnvVar, type Mount, spread } from "../kit/pod.ts";
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
import { kindOf } from "../schema/pack.ts";
import { canonicalJson } from "../util/hash.ts";
import { adjustObjects } from "./adjust.ts";
import { autoscalersOf } from "./app-autoscaler.ts";
import { type AppServices, policyOf } from "./app-policy.ts";
import { appProbes } from "./app-probes.ts";
import { isReleased, releaseOf } from "./app-release.ts";
import { routesOf } from "./app-routes.ts";
import { builtInMounts, byKey, configMount, isAutoscaled, lastingVolumes } from "./app-shape.ts";
import { withDigestToCome, withTemplateDigest } from "./template-digest.ts";

/** The name that the Secret of a name has by its content. */
export type SecretNames = (secret: string) => string;

/** Every object of one app on one cluster, natively rendered. */
export function renderApp(
  app: PlacedApp,
  services: AppServices,
  secretName: SecretNames,
): KubernetesObject[] {
  const owner: Owner = { label: appLabel, name: app.name };
  const { name, namespace, spec } = app;
  const objects = [
    serviceAccount(name, namespace, owner),
    ...configOf(app, owner),
    workloadOf(app, owner, { secretName, services }),
  ];
  const ports = app.ports;
  const released = releaseOf(app, services);
  if (ports.length > 0 && !released) objects.push(service({ name, namespace, owner, ports }));
  if (lastingVolumes(spec).length > 0) objects.push(headlessService({ name, namespace, owner, ports }));
  objects.push(disruptionBudget(name, namespace, owner, spec.disruption.maxUnavailable));
  objects.push(policyOf(app, owner, services));
  objects.push(...autoscalersOf(app, owner, released !== undefined));
  if (released) objects.push(...released);
  else if (services.gateway) objects.push(...routesOf(app, services.gateway, owner));
  return [...withTemplateDigest(adjustObjects(objects.map(withDigestToCome), spec.adjust)), ...rawOf(app)];
}

/** What the app brings as it is, in the app's namespace where it names none. */
export function rawOf({ spec, namespace }: PlacedApp): KubernetesObject[] {
  return spec.raw.map((raw) => {
    const object = raw as unknown as KubernetesObject;
    const homeless = !object.metadata.namespace && kindOf(object.apiVersion, object.kind)?.namespaced;
    return homeless ? { ...object, metadata: { ...object.metadata, namespace } } : object;
  });
}

function configOf(app: PlacedApp, owner: Owner): KubernetesObject[] {
  const data = configData(app);
  if (Object.keys(data).length === 0) return [];
  return [configMap(configName(app), app.namespace, owner, data)];
}

/** Config files as text by name; keys of JSON in one order, so that their order in the declaration counts nowhere. */
export function configData({ spec }: PlacedApp): Record<string, string> {
  const text = (content: object) => `${JSON.stringify(JSON.parse(canonicalJson(content)), null, 2)}\n`;
  const files = byKey(spec.config).map(([file, content]) => [
    file,
    typeof content === "string" ? content : text(content),
  ]);
  return Object.fromEntries(files);
}

const configName = (app: PlacedApp) => contentName(`${app.name}-config`, configData(app));

function workloadOf(
  app: PlacedApp,
  owner: Owner,
  { secretName, services }: { secretName: SecretNames; services: AppServices },
): KubernetesObject {
  const { spec, name, namespace } = app;
  const released = isReleased(app, services);
  const claims = lastingVolumes(spec);
  const grace = spec.drainSeconds + 25;
  return workload({
    kind: claims.length > 0 ? "StatefulSet" : "Deployment",
    name,
    namespace,
    owner,
    replicas: isAutoscaled(spec) || released ? undefined : spec.scale.min,
    podAnnotations: {
      ...(app.metrics && scrapeAnnotations(app.metrics.port.port, app.metrics.path)),
      ...(released && rolesAnnotation),
    },
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
      containers: [mainContainer(app, secretName)],
      volumes: volumesOf(app),
      terminationGraceSeconds: grace,
      extra: spec.scale.min > 1 || isAutoscaled(spec) ? spread(owner) : {},
    },
  });
}

/** The names of the secrets an app refers to, sorted. */
export function secretsOf(app: PlacedApp): string[] {
  const names = Object.values(app.spec.env).flatMap((value) =>
    typeof value === "object" && "secret" in value ? [value.secret] : [],
  );
  return [...new Set(names)].sort();
}

function mainContainer(app: PlacedApp, secretName: SecretNames): ContainerSpec {
  const { spec, name, image } = app;
  const mounts: Mount[] = byKey(spec.volumes).map(([volume, { path }]) => ({
    name: volume,
    mountPath: path,
  }));
  return {
    name,
    image,
    ...(spec.command && { command: spec.command }),
    args: spec.args,
    env: envOf(app, secretName),
    ports: app.ports,
    mounts: [...mounts, ...builtInMounts(spec)],
    resources: spec.resources,
    probes: appProbes(app),
    drainSeconds: spec.drainSeconds,
  };
}

function envOf(app: PlacedApp, secretName: SecretNames): EnvVar[] {
  const vars = new Map<string, EnvVar>();
  const set = (name: string, rest: Omit<EnvVar, "name">) => vars.set(name, { name, ...rest });
  set("OTEL_SERVICE_NAME", { value: app.name });
  set("APP_VERSION", { value: app.image.slice(app.image.lastIndexOf(":") + 1) });
  if (Object.keys(app.spec.config).length > 0) set("CONFIG_DIR", { value: configMount.mountPath });
  for (const callee of app.callees) {
    const prefix = envName(callee.name);
    for (const [i, { name, port }] of callee.ports.filter((p) => p.name !== "metrics").entries()) {
      const value = `${hostOf(callee)}:${port}`;
      if (i === 0) set(`${prefix}_ADDR`, { value });
      set(`${prefix}_${envName(name)}_ADDR`, { value });
    }
  }
  for (const [name, value] of Object.entries(app.spec.env)) set(name, envVarOf(app, value, secretName));
  return [...vars.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function envName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

function hostOf(app: { name: string; namespace: string }): string {
  return `${app.name}.${app.namespace}.svc.cluster.local`;
}

/** A variable of the container: its value, or where it comes from. */
export function envVarOf(app: PlacedApp, value: EnvValue, secretName: SecretNames): Omit<EnvVar, "name"> {
  if (typeof value !== "object") return { value: String(value) };
  if ("secret" in value)
    return { valueFrom: { secretKeyRef: { name: secretName(value.secret), key: value.key } } };
  const called = [...app.callees, app].find((callee) => (callee.declared ?? callee.name) === value.address);
  const port = called?.ports.find((p) => value.port === undefined || p.name === value.port);
  return { value: called && port ? `${hostOf(called)}:${port.port}` : "" };
}

function volumesOf(app: PlacedApp): object[] {
  const { spec } = app;
  const ephemeral = byKey(spec.volumes).filter(([, volume]) => volume.ephemeral);
  return [
    ...ephemeral.map(([name, { size }]) => ({ name, emptyDir: { sizeLimit: size } })),
    ...builtInMounts(spec).map(({ name }) =>
      name === configMount.name
        ? { name, configMap: { name: configName(app) } }
        : { name, emptyDir: { sizeLimit: "64Mi" } },
    ),
  ];
}
