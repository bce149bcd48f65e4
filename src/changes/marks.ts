/** What somebody must know before a change goes out, object by object. */
import type { KubernetesObject } from "../schema/object.ts";
import { scalerOf } from "./cost.ts";
import { groupKind } from "./immutable.ts";
import type { Mark, ObjectChange, Objects } from "./types.ts";

type Rule = (change: ObjectChange, before: Objects, after: Objects) => Mark | undefined;

const destructive = (text: string): Mark => ({ level: "destructive", text });
const warning = (text: string): Mark => ({ level: "warning", text });

/** The marks of one change among a bundle's objects before and after. */
export function marksOf(change: ObjectChange, before: Objects, after: Objects): Mark[] {
  return rules.flatMap((rule) => rule(change, before, after) ?? []);
}

const rules: Rule[] = [
  claimGoes,
  statefulSetGoes,
  namespaceGoes,
  definitionGoes,
  replaced,
  scaler,
  canary,
  otherKind,
];

function claimGoes({ action, object }: ObjectChange): Mark | undefined {
  if (object.kind !== "PersistentVolumeClaim") return undefined;
  if (action === "delete" || action === "replace")
    return destructive(`the data on volume ${object.name} is lost`);
  return action === "orphan"
    ? warning(`volume ${object.name} stays with its data, and nothing uses it`)
    : undefined;
}

function statefulSetGoes(change: ObjectChange, before: Objects): Mark | undefined {
  const { action, object } = change;
  if (object.kind !== "StatefulSet" || (action !== "delete" && action !== "replace")) return undefined;
  const claims = claimNames(find(before, change));
  if (claims.length === 0) return undefined;
  const names = claims.map((claim) => `${claim}-${object.name}-*`).join(", ");
  if (dropsClaims(find(before, change))) return destructive(`the data on volumes ${names} is lost with it`);
  if (action === "replace")
    return destructive(`its pods are all stopped first; volumes ${names} keep their data and their old form`);
  return destructive(
    `its volumes ${names} stay with their data until somebody removes them; nothing uses them`,
  );
}

function dropsClaims(object: KubernetesObject | undefined): boolean {
  const spec = object?.spec as
    | { persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string } }
    | undefined;
  return spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted === "Delete";
}

function claimNames(object: KubernetesObject | undefined): string[] {
  const spec = object?.spec as { volumeClaimTemplates?: { metadata: { name: string } }[] } | undefined;
  return (spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
}

function namespaceGoes({ action, object }: ObjectChange): Mark | undefined {
  if (object.kind !== "Namespace") return undefined;
  if (action === "delete") return destructive(`everything in namespace ${object.name} is removed with it`);
  return action === "orphan"
    ? warning(`namespace ${object.name} stays: others may have put things there`)
    : undefined;
}

function definitionGoes({ action, object }: ObjectChange): Mark | undefined {
  if (object.kind !== "CustomResourceDefinition") return undefined;
  if (action === "delete")
    return destructive(`every object of ${object.name} is removed with its definition`);
  if (action === "replace")
    return destructive(`every object of ${object.name} is removed when it is made anew`);
  return action === "orphan" ? warning(`definition ${object.name} stays, and so do its objects`) : undefined;
}

function replaced(change: ObjectChange): Mark | undefined {
  if (change.action !== "replace") return undefined;
  const fields = change.immutable.map(({ field }) => field).join(", ");
  const grown = change.fields.some(({ path }) => /^spec\.volumeClaimTemplates.*\.storage$/.test(path));
  const claims = grown ? " The size of volumes that exist is changed on their claims, one by one." : "";
  return warning(
    `${fields} cannot be changed in place: Flux refuses it until the ${change.object.kind} is deleted, or has the ` +
      `annotation kustomize.toolkit.fluxcd.io/force: enabled.${claims}`,
  );
}

/** An autoscaler that comes or goes while its workload stays. */
function scaler(change: ObjectChange, before: Objects, after: Objects): Mark | undefined {
  const { action, object } = change;
  if (object.kind !== "HorizontalPodAutoscaler" || (action !== "create" && action !== "delete"))
    return undefined;
  const driven = (from: Objects) =>
    from.find((workload) => scalerOf(workload, from)?.metadata.name === object.name);
  const workload = driven(action === "create" ? after : before);
  const other = action === "create" ? before : after;
  const stays = other.find(
    ({ kind, metadata }) => kind === workload?.kind && metadata.name === workload.metadata.name,
  );
  if (!workload || !stays) return undefined;
  if (action === "create")
    return warning(
      `turns the autoscaler of ${workload.metadata.name} on: replicas are handed over first, so that they do not fall to 1`,
    );
  const { replicas = 1 } = stays.spec as { replicas?: number };
  return warning(
    `turns the autoscaler of ${workload.metadata.name} off: from however many there are to ${replicas} pods`,
  );
}

function canary({ action, object }: ObjectChange): Mark | undefined {
  if (groupKind(object) !== "flagger.app/Canary") return undefined;
  if (action === "create")
    return warning(
      `turns the canary of ${object.name} on: its Service and routes change owner, and pods start as ${object.name}-primary`,
    );
  if (action === "delete")
    return warning(
      `turns the canary of ${object.name} off: its Service and routes change owner, and ${object.name}-primary goes`,
    );
  return undefined;
}

const workloads = ["apps/Deployment", "apps/StatefulSet", "apps/DaemonSet"];

/** A workload of the same name and another kind: the old pods go, new ones come. */
function otherKind({ action, object }: ObjectChange, before: Objects): Mark | undefined {
  if (action !== "create" || !workloads.includes(groupKind(object))) return undefined;
  const old = before.find(
    (other) =>
      workloads.includes(groupKind(other)) &&
      other.metadata.name === object.name &&
      other.metadata.namespace === object.namespace,
  );
  if (!old || old.kind === object.kind) return undefined;
  return warning(`${object.name} becomes a ${object.kind}: the pods of the ${old.kind} are stopped`);
}

function find(objects: Objects, { object }: ObjectChange): KubernetesObject | undefined {
  return objects.find(
    ({ kind, metadata }) =>
      kind === object.kind && metadata.name === object.name && metadata.namespace === object.namespace,
  );
}
