/**
 * Fields that Kubernetes does not let be changed in place. Each row is proven against a real API server
 * (`immutable.system.test.ts`) and says where Kubernetes documents it.
 */
import { groupOf } from "../schema/object.ts";
import { quantityOf } from "../util/quantity.ts";
import type { FieldChange, ObjectName } from "./types.ts";

export interface ImmutableField {
  /** `group/Kind`; the core group's kinds stand alone. */
  kinds: string[];
  /** The field, with all below it. */
  field: string;
  /** Below it, what may change nevertheless. */
  except?: (change: FieldChange) => boolean;
  source: string;
}

const docs = (page: string) => `https://kubernetes.io/docs/${page}`;
const api = (page: string) => docs(`reference/kubernetes-api/${page}`);
const claims = docs("concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims");
const statefulSet = api("workload-resources/stateful-set-v1/#StatefulSetSpec");
const storageClass = api("storage-resources/storage-class-v1/");

export const immutableFields: ImmutableField[] = [
  {
    kinds: ["apps/Deployment", "apps/ReplicaSet", "apps/DaemonSet", "apps/StatefulSet"],
    field: "spec.selector",
    source: docs("concepts/workloads/controllers/deployment/#label-selector-updates"),
  },
  { kinds: ["apps/StatefulSet"], field: "spec.serviceName", source: statefulSet },
  { kinds: ["apps/StatefulSet"], field: "spec.podManagementPolicy", source: statefulSet },
  {
    kinds: ["apps/StatefulSet"],
    field: "spec.volumeClaimTemplates",
    source: docs("concepts/workloads/controllers/statefulset/#volume-claim-templates"),
  },
  { kinds: ["batch/Job"], field: "spec.template", source: api("workload-resources/job-v1/#JobSpec") },
  { kinds: ["batch/Job"], field: "spec.selector", source: api("workload-resources/job-v1/#JobSpec") },
  { kinds: ["batch/Job"], field: "spec.completionMode", source: api("workload-resources/job-v1/#JobSpec") },
  {
    kinds: ["Service"],
    field: "spec.clusterIP",
    // Where it is no longer named, the address stays as it is.
    except: ({ to }) => to === undefined,
    source: docs("concepts/services-networking/service/#choosing-your-own-ip-address"),
  },
  {
    kinds: ["PersistentVolumeClaim"],
    field: "spec",
    except: ({ path, from, to }) =>
      path === "spec.volumeAttributesClassName" ||
      (path === "spec.resources.requests.storage" && quantityOf(to) > quantityOf(from)),
    source: claims,
  },
  {
    kinds: ["rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding"],
    field: "roleRef",
    source: docs("reference/access-authn-authz/rbac/#clusterrolebinding-example"),
  },
  { kinds: ["storage.k8s.io/StorageClass"], field: "provisioner", source: storageClass },
  { kinds: ["storage.k8s.io/StorageClass"], field: "parameters", source: storageClass },
  { kinds: ["storage.k8s.io/StorageClass"], field: "reclaimPolicy", source: storageClass },
  { kinds: ["storage.k8s.io/StorageClass"], field: "volumeBindingMode", source: storageClass },
  {
    kinds: ["Secret"],
    field: "type",
    source: api("config-and-storage-resources/secret-v1/"),
  },
  {
    kinds: ["networking.k8s.io/IngressClass"],
    field: "spec.controller",
    source: api("service-resources/ingress-class-v1/"),
  },
  {
    kinds: ["scheduling.k8s.io/PriorityClass"],
    field: "value",
    source: docs("concepts/scheduling-eviction/pod-priority-preemption/#priorityclass"),
  },
  {
    kinds: ["node.k8s.io/RuntimeClass"],
    field: "handler",
    source: docs("concepts/containers/runtime-class/"),
  },
  {
    kinds: ["apiextensions.k8s.io/CustomResourceDefinition"],
    field: "spec.scope",
    source: docs("tasks/extend-kubernetes/custom-resources/custom-resource-definitions/"),
  },
];

/** `apps/Deployment`, `Service` */
export function groupKind({ apiVersion, kind }: Pick<ObjectName, "apiVersion" | "kind">): string {
  const group = groupOf(apiVersion);
  return group ? `${group}/${kind}` : kind;
}

/** The changes of an object that cannot be made in place, by field. `sealed`: the object said `immutable: true`. */
export function immutableChanges(
  object: Pick<ObjectName, "apiVersion" | "kind">,
  changes: FieldChange[],
  sealed = false,
): { field: string; source: string }[] {
  const kind = groupKind(object);
  const rules = immutableFields.filter(({ kinds }) => kinds.includes(kind));
  const hit = rules.filter(({ field, except }) =>
    changes.some((change) => isBelow(change.path, field) && !except?.(change)),
  );
  const found = hit.map(({ field, source }) => ({ field, source }));
  if (!sealed) return found;
  const data = ["data", "stringData", "binaryData", "immutable"].filter((field) =>
    changes.some(({ path }) => isBelow(path, field)),
  );
  const source = docs(
    `concepts/configuration/${kind === "Secret" ? "secret/#secret-immutable" : "configmap/#configmap-immutable"}`,
  );
  return [...found, ...data.map((field) => ({ field, source }))];
}

function isBelow(path: string, field: string): boolean {
  return path === field || (path.startsWith(field) && /^[.[]/.test(path.slice(field.length)));
}
