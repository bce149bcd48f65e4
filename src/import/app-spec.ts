/** What the fields of an app can say of the objects folded into it. What they cannot say is found by comparing. */
import { configMount, tmpMount } from "../compile/app-shape.ts";
import { podTemplateOf } from "../compile/policies/policy.ts";
import type { AppSpecInput } from "../model/app.ts";
import { bytes, cpu, labelValue, name as nameSchema } from "../model/values.ts";
import { type ImportedPort, portsOf } from "./app-ports.ts";
import type { Fold } from "./fold-state.ts";
import { canonicalQuantity } from "./quantity.ts";
import { type Branch, branch, branches, text } from "./source.ts";

/** The fields of an app, before calls, raw objects, adjustments and waivers. */
export function appSpec(fold: Fold): AppSpecInput {
  const { object } = fold.workload;
  const pod = branch(podTemplateOf(object)?.spec);
  const container = mainContainer(fold);
  const ports = portsOf(container, fold.service?.object ?? fold.headless?.object);
  return {
    ...(text(container.image) && { image: text(container.image) }),
    ...(strings(container.command) && { command: strings(container.command) }),
    ...(strings(container.args) && { args: strings(container.args) }),
    ...kept("ports", portFields(ports)),
    ...kept("env", envOf(container)),
    ...kept("config", branch(fold.config?.object.data) as Record<string, string>),
    ...kept("scale", scaleOf(fold)),
    ...kept("resources", resourcesOf(container)),
    ...kept("probes", probesOf(container, ports)),
    ...kept("volumes", volumesOf(object, pod, container)),
    ...kept("disruption", disruptionOf(fold)),
    ...(ports.some(({ name }) => name === "metrics") && { metrics: false as const }),
  };
}

/** The container that the app's fields speak of: the one named like the app or its workload, else the first. */
export function mainContainer({ app, workload }: Fold): Branch {
  const containers = branches(branch(podTemplateOf(workload.object)?.spec).containers);
  const names = [app, workload.object.metadata.name];
  return containers.find(({ name }) => names.includes(String(name))) ?? containers[0] ?? {};
}

function kept<K extends string, V extends object>(key: K, value: V): Partial<Record<K, V>> {
  return Object.keys(value).length > 0 ? ({ [key]: value } as Record<K, V>) : {};
}

function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")
    ? value
    : undefined;
}

/** A number is short for a port whose name tells its protocol. */
function portFields(ports: ImportedPort[]): NonNullable<AppSpecInput["ports"]> {
  const told: Record<string, string> = { http: "http", metrics: "http", grpc: "grpc" };
  return Object.fromEntries(
    ports.map(({ name, port, protocol }) => [
      name,
      (told[name] ?? "tcp") === protocol ? port : { port, protocol },
    ]),
  );
}

/** Plain values; a variable that is set twice stays where it is, since its order counts. */
function envOf(container: Branch): Record<string, string> {
  const all = branches(container.env);
  const names = all.map(({ name }) => name);
  if (new Set(names).size < names.length) return {};
  return Object.fromEntries(
    all
      .filter(
        ({ name, valueFrom }) => valueFrom === undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(String(name)),
      )
      .map(({ name, value }) => [String(name), text(value) ?? ""]),
  );
}

function scaleOf({ workload, autoscaler }: Fold): NonNullable<AppSpecInput["scale"]> {
  const hpa = branch(autoscaler?.object.spec);
  if (autoscaler) {
    const min = whole(hpa.minReplicas) ?? 1;
    const max = whole(hpa.maxReplicas) ?? min;
    const use = branches(hpa.metrics).map((m) => branch(branch(m.resource).target).averageUtilization);
    const cpu = whole(use[0]) ?? whole(hpa.targetCPUUtilizationPercentage);
    if (max > min) return { min, max, ...(cpu !== undefined && cpu <= 100 && { cpu }) };
  }
  const replicas = whole(branch(workload.object.spec).replicas);
  return replicas !== undefined && replicas > 1 ? { min: replicas } : {};
}

const whole = (value: unknown) =>
  Number.isInteger(value) && (value as number) > 0 ? (value as number) : undefined;

function resourcesOf(container: Branch): NonNullable<AppSpecInput["resources"]> {
  const { requests, limits } = branch(container.resources);
  const fits = (schema: typeof cpu, value: unknown) => {
    const quantity = canonicalQuantity(value);
    return schema.safeParse(quantity).success ? (quantity as string) : undefined;
  };
  const asked = { cpu: fits(cpu, branch(requests).cpu), memory: fits(bytes, branch(requests).memory) };
  const memoryLimit = fits(bytes, branch(limits).memory);
  return {
    ...(asked.cpu && { cpu: asked.cpu }),
    ...(asked.memory && { memory: asked.memory }),
    ...(memoryLimit && { memoryLimit }),
  };
}

function probesOf(container: Branch, ports: ImportedPort[]): NonNullable<AppSpecInput["probes"]> {
  const live = probeOf(branch(container.livenessProbe), ports);
  const ready = probeOf(branch(container.readinessProbe), ports);
  return { ...(ready && { ready }), ...(live && { live }) };
}

type Probe = NonNullable<NonNullable<AppSpecInput["probes"]>["live"]>;

function probeOf({ httpGet, grpc, tcpSocket }: Branch, ports: ImportedPort[]): Probe | undefined {
  const asked = branch(httpGet ?? grpc ?? tcpSocket).port;
  const port = ports.find(({ name, port }) => name === asked || port === asked)?.name;
  if (port === undefined) return undefined;
  if (tcpSocket) return { tcp: port };
  if (grpc) {
    const service = text(branch(grpc).service);
    return { grpc: port, ...(service && { service }) };
  }
  const path = text(branch(httpGet).path) ?? "/";
  return path.startsWith("/") && !path.includes("..") ? { http: path, port } : undefined;
}

/** Claims of a StatefulSet that the container mounts once as a whole. */
function volumesOf(object: Branch, pod: Branch, container: Branch): NonNullable<AppSpecInput["volumes"]> {
  const mounts = branches(container.volumeMounts);
  const pathOf = (name: unknown) => {
    const own = mounts.filter((mount) => mount.name === name && !mount.subPath && !mount.subPathExpr);
    const path = own.length === 1 ? text(own[0]?.mountPath) : undefined;
    return path?.startsWith("/") && !path.split("/").includes("..") ? path : undefined;
  };
  const claims = branches(branch(object.spec).volumeClaimTemplates).map(({ metadata, spec }) => {
    const { storageClassName, resources } = branch(spec);
    const size = canonicalQuantity(branch(branch(resources).requests).storage);
    const storageClass = text(storageClassName);
    return { name: text(branch(metadata).name) ?? "", size, extra: storageClass ? { storageClass } : {} };
  });
  const scratch = branches(pod.volumes)
    .filter(({ emptyDir }) => branch(emptyDir).sizeLimit !== undefined)
    .map(({ name, emptyDir }) => ({
      name: String(name),
      size: canonicalQuantity(branch(emptyDir).sizeLimit),
      extra: { ephemeral: true },
    }));
  const fields = [...claims, ...scratch].flatMap(({ name, size, extra }) => {
    const path = pathOf(name);
    const fits = path && nameSchema.safeParse(name).success && bytes.safeParse(size).success;
    return fits && ![configMount.name, tmpMount.name].includes(name)
      ? [[name, { path, size: size as string, ...extra }] as const]
      : [];
  });
  return Object.fromEntries(fields);
}

function disruptionOf({ budget }: Fold): { maxUnavailable?: number } {
  const most = whole(branch(budget?.object.spec).maxUnavailable);
  return most !== undefined && most > 1 ? { maxUnavailable: most } : {};
}

/** Labels that say what an app is, to choose it by. */
export function appLabels({ workload }: Fold): Record<string, string> {
  const given = workload.object.metadata.labels ?? {};
  const entries = ["component", "part-of"].map((key) => [key, given[`app.kubernetes.io/${key}`]] as const);
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined && labelValue.safeParse(value).success),
  ) as Record<string, string>;
}
