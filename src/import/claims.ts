/** Who an object belongs to, claim by claim. Names count only where nothing else tells. */
import type { KubernetesObject } from "../schema/object.ts";
import { type Draft, inNamespace, ofKind, ownerOf, type State, specOf } from "./fold-state.ts";
import { backendsOf, type References, referencesOf, selects } from "./relations.ts";
import { branch, branches, type Source } from "./source.ts";

const routes = ["Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"];
const withPods = ["DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet", "ReplicationController"];

/** What an app has at most one of, by type, with the test of whose it is. */
function claimOne(
  key: "autoscaler" | "budget" | "account" | "config",
  type: string,
  isOf: (source: Source, draft: Draft) => boolean,
  why: string,
): (state: State) => void {
  return (state) => {
    for (const source of ofKind(state, type)) {
      const owner = ownerOf(state, source, (d) => inNamespace(source, d) && isOf(source, d));
      if (!owner) continue;
      const users = state.drafts.filter((d) => inNamespace(source, d) && isOf(source, d));
      state.rest.delete(source);
      const alone = users.length === 1 && !owner[key] && (key !== "config" || isFolder(source, owner));
      if (alone) owner[key] = source;
      else owner.beside.push({ source, why: users.length > 1 ? `${users.length} apps share it` : why });
    }
  };
}

/** Whether a ConfigMap is text files that the app's container mounts as one folder, which `config` says. */
function isFolder({ object }: Source, { workload }: Draft): boolean {
  const { data, binaryData, immutable } = object;
  const template = branch(branch(branch(workload.object.spec).template).spec);
  const volumes = branches(template.volumes).filter((v) => branch(v.configMap).name === object.metadata.name);
  const mounts = branches(template.containers).flatMap((c) => branches(c.volumeMounts));
  const whole = volumes.length === 1 && Object.keys(branch(volumes[0]?.configMap)).length === 1;
  const used = mounts.filter(({ name }) => name === volumes[0]?.name);
  const plain = Object.values(branch(data)).every((value) => typeof value === "string");
  return (
    whole &&
    used.length > 0 &&
    used.every((m) => !m.subPath) &&
    plain &&
    binaryData === undefined &&
    immutable === undefined &&
    Object.keys(branch(data)).length > 0
  );
}

function claimRoutes(state: State): void {
  for (const source of [...state.rest].filter(({ object }) => routes.includes(object.kind))) {
    const services = backendsOf(source.object).map(({ service }) => service);
    const owner = ownerOf(
      state,
      source,
      (d) =>
        inNamespace(source, d) && d.services.some(({ object }) => services.includes(object.metadata.name)),
    );
    if (owner)
      take(
        state,
        owner,
        source,
        "where it answers is declared by `expose`; the object itself stays as it is",
      );
  }
}

function take(state: State, owner: Draft, source: Source, why: string): void {
  state.rest.delete(source);
  owner.beside.push({ source, why });
}

function claimBindings(state: State): void {
  for (const source of ofKind(
    state,
    "rbac.authorization.k8s.io/RoleBinding",
    "rbac.authorization.k8s.io/ClusterRoleBinding",
  )) {
    const subjects = branches(source.object.subjects);
    const owner = ownerOf(state, source, (d) =>
      subjects.some(
        ({ kind, name, namespace }) =>
          kind === "ServiceAccount" &&
          name === d.references.account &&
          (namespace ?? d.namespace) === d.namespace,
      ),
    );
    if (!owner) continue;
    take(state, owner, source, "rights of the app's service account");
    const { kind, name } = branch(source.object.roleRef);
    const role = [...state.rest].find(
      ({ object }) =>
        object.kind === kind &&
        object.metadata.name === name &&
        (kind === "ClusterRole" || object.metadata.namespace === source.object.metadata.namespace),
    );
    if (role) take(state, owner, role, "rights of the app's service account");
  }
}

function claimClaims(state: State): void {
  for (const source of ofKind(state, "/PersistentVolumeClaim")) {
    const owner = ownerOf(
      state,
      source,
      (d) => inNamespace(source, d) && d.references.claims.has(source.object.metadata.name),
    );
    if (owner) take(state, owner, source, "a claim of its own outlives the app's pods");
  }
}

/** Values of Secrets never stand in a declaration. */
function leaveSecrets(state: State): void {
  for (const source of ofKind(state, "/Secret")) {
    const { data, stringData, metadata } = source.object;
    const keys = [...Object.keys(branch(data)), ...Object.keys(branch(stringData))];
    if (keys.length === 0) continue;
    state.rest.delete(source);
    const move = `landfall secret set ${metadata.name}`;
    const why = `its values (${keys.join(", ")}) stay out of the declaration; it is used where it is by name. To keep them encrypted beside the declaration: ${move}`;
    state.left.push({ source, why });
  }
}

/** Whatever selects the app's pods or Services by labels: NetworkPolicies, monitors of other systems. */
function claimSelecting(state: State): void {
  for (const source of [...state.rest]) {
    const { podSelector, selector, targetRef, scaleTargetRef } = specOf(source);
    const labels = branch(podSelector ?? selector).matchLabels ?? selector;
    const target = branch(targetRef ?? scaleTargetRef);
    const owner = ownerOf(
      state,
      source,
      (d) =>
        inNamespace(source, d) &&
        (selects(labels, d.labels) ||
          d.services.some(({ object }) => selects(labels, object.metadata.labels)) ||
          (target.kind === d.workload.object.kind && target.name === d.workload.object.metadata.name)),
    );
    if (owner) take(state, owner, source, unlike(source.object, "it selects the app"));
  }
}

/** Jobs and the like go with the app whose files, secrets, rights or image they share. */
function claimRelated(state: State): void {
  for (const source of [...state.rest].filter(({ object }) => withPods.includes(object.kind))) {
    const own = referencesOf(source.object);
    const owner = ownerOf(state, source, (d) => inNamespace(source, d) && isRelated(own, d.references));
    if (owner) take(state, owner, source, unlike(source.object, "it shares what the app refers to"));
  }
}

function isRelated(a: References, b: References): boolean {
  const shared = (x: Set<string>, y: Set<string>) => [...x].some((name) => y.has(name));
  return (
    shared(a.configMaps, b.configMaps) ||
    shared(a.secrets, b.secrets) ||
    shared(a.claims, b.claims) ||
    (a.account !== undefined && a.account !== "default" && a.account === b.account)
  );
}

/** What raw pods refer to, and what carries an app's name. */
function claimByName(state: State): void {
  for (const source of [...state.rest]) {
    if (["Namespace", "CustomResourceDefinition"].includes(source.object.kind)) continue;
    const { name, namespace, labels } = source.object.metadata;
    const named = [
      labels?.["app.kubernetes.io/name"],
      labels?.app,
      labels?.["app.kubernetes.io/instance"],
      name,
    ];
    const owner = state.drafts.find(
      (d) => namespace === d.namespace && (named.includes(d.app) || name.startsWith(`${d.app}-`)),
    );
    if (owner) take(state, owner, source, unlike(source.object, "it carries the app's name"));
  }
}

const unlike = ({ kind }: KubernetesObject, relation: string) =>
  `no field of an app makes a ${kind}; ${relation}`;

const targets = (source: Source, d: Draft) => {
  const { kind, name } = branch(specOf(source).scaleTargetRef);
  return kind === d.workload.object.kind && name === d.workload.object.metadata.name;
};

/** In the order in which they say what belongs where most surely. */
export const claims: ((state: State) => void)[] = [
  leaveSecrets,
  claimOne(
    "account",
    "/ServiceAccount",
    (s, d) => d.references.account === s.object.metadata.name,
    "the app has another",
  ),
  claimOne("autoscaler", "autoscaling/HorizontalPodAutoscaler", targets, "the app has another"),
  claimOne(
    "budget",
    "policy/PodDisruptionBudget",
    (s, d) => selects(branch(specOf(s).selector).matchLabels, d.labels),
    "the app has another",
  ),
  claimOne(
    "config",
    "/ConfigMap",
    (s, d) => d.references.configMaps.has(s.object.metadata.name),
    "it is not text mounted as one folder, which `config` would say",
  ),
  claimClaims,
  claimRoutes,
  claimBindings,
  claimSelecting,
  claimRelated,
  claimByName,
];
