/** How objects of Kubernetes refer to each other: by selectors, by names inside pod templates, by backends. */
import { podTemplateOf } from "../compile/policies/policy.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { type Branch, branch, branches, text } from "./source.ts";

/** The names a pod template refers to, in its own namespace. */
export interface References {
  configMaps: Set<string>;
  secrets: Set<string>;
  claims: Set<string>;
  account: string | undefined;
}

/** What the pods of an object refer to; nothing for objects without pods. */
export function referencesOf(object: KubernetesObject): References {
  const spec = branch(podTemplateOf(object)?.spec);
  const found: References = {
    configMaps: new Set(),
    secrets: new Set(),
    claims: new Set(),
    account: text(spec.serviceAccountName) ?? text(spec.serviceAccount),
  };
  for (const volume of branches(spec.volumes)) volumeReferences(volume, found);
  for (const container of [...branches(spec.initContainers), ...branches(spec.containers)])
    containerReferences(container, found);
  for (const { name } of branches(spec.imagePullSecrets)) add(found.secrets, name);
  return found;
}

function volumeReferences(volume: Branch, found: References): void {
  const parts = [volume, ...branches(branch(volume.projected).sources)];
  for (const part of parts) {
    add(found.configMaps, branch(part.configMap).name);
    add(found.secrets, branch(part.secret).secretName ?? branch(part.secret).name);
  }
  add(found.claims, branch(volume.persistentVolumeClaim).claimName);
}

function containerReferences(container: Branch, found: References): void {
  const sources = [
    ...branches(container.envFrom),
    ...branches(container.env).map(({ valueFrom }) => branch(valueFrom)),
  ];
  for (const source of sources) {
    add(found.configMaps, branch(source.configMapRef ?? source.configMapKeyRef).name);
    add(found.secrets, branch(source.secretRef ?? source.secretKeyRef).name);
  }
}

function add(names: Set<string>, name: unknown): void {
  if (typeof name === "string" && name !== "") names.add(name);
}

/** Whether a selector with at least one label matches; `matchExpressions` are not followed. */
export function selects(selector: unknown, labels: unknown): boolean {
  const wanted = Object.entries(branch(selector));
  const given = branch(labels);
  return wanted.length > 0 && wanted.every(([key, value]) => given[key] === value);
}

/** The labels of an object's pods. */
export function podLabels(object: KubernetesObject): Branch {
  return branch(podTemplateOf(object)?.metadata?.labels);
}

/** A place that answers from outside: of an Ingress, or of a route of the Gateway API. */
export interface Backend {
  host: string | undefined;
  path: string;
  service: string;
  /** The Service's port, by number or name. */
  port: string | number | undefined;
}

/** Where an Ingress or a route leads to, in its order. */
export function backendsOf(object: KubernetesObject): Backend[] {
  return object.kind === "Ingress"
    ? ingressBackends(branch(object.spec))
    : routeBackends(branch(object.spec));
}

function ingressBackends(spec: Branch): Backend[] {
  const found = (backend: unknown, host: string | undefined, path: string): Backend[] => {
    const service = branch(branch(backend).service);
    const port = branch(service.port);
    const name = text(service.name);
    return name ? [{ host, path, service: name, port: (port.number ?? port.name) as Backend["port"] }] : [];
  };
  return [
    ...found(spec.defaultBackend, undefined, "/"),
    ...branches(spec.rules).flatMap((rule) =>
      branches(branch(rule.http).paths).flatMap(({ path, backend }) =>
        found(backend, text(rule.host), text(path) ?? "/"),
      ),
    ),
  ];
}

function routeBackends(spec: Branch): Backend[] {
  const hosts = Array.isArray(spec.hostnames) ? spec.hostnames : [undefined];
  return branches(spec.rules).flatMap((rule) => {
    const paths = branches(rule.matches).map((match) => text(branch(match.path).value) ?? "/");
    return branches(rule.backendRefs)
      .filter(({ kind = "Service" }) => kind === "Service")
      .flatMap(({ name, port }) =>
        (paths.length > 0 ? paths : ["/"]).flatMap((path) =>
          hosts.map((host) => ({
            host: text(host),
            path,
            service: String(name),
            port: port as Backend["port"],
          })),
        ),
      );
  });
}
