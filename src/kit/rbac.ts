import type { KubernetesObject } from "../schema/object.ts";
import { labelsOf, type Owner } from "./labels.ts";

export interface PolicyRule {
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  verbs: string[];
  nonResourceURLs?: string[];
}

const rbac = "rbac.authorization.k8s.io";

/** A ClusterRole `landfall:<account>` of the rules, bound to that service account. */
export function clusterRole(
  account: { name: string; namespace: string },
  owner: Owner,
  rules: PolicyRule[],
): KubernetesObject[] {
  const name = `landfall:${account.name}`;
  return [
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name, labels: labelsOf(owner, account.name) },
      rules,
    },
    clusterRoleBinding(name, name, account, owner),
  ];
}

/** A Role of the rules in the service account's own namespace, named as the account and bound to it. */
export function namespacedRole(
  account: { name: string; namespace: string },
  owner: Owner,
  rules: PolicyRule[],
): KubernetesObject[] {
  const { name, namespace } = account;
  return [
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      metadata: { name, namespace, labels: labelsOf(owner, name) },
      rules,
    },
    roleBinding({ name, namespace }, { kind: "Role", name }, account, owner),
  ];
}

/** Give a service account, of whatever namespace, the rights of an existing role in one namespace. */
export function roleBinding(
  { name, namespace }: { name: string; namespace: string },
  role: { kind: "Role" | "ClusterRole"; name: string },
  account: { name: string; namespace: string },
  owner: Owner,
): KubernetesObject {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "RoleBinding",
    metadata: { name, namespace, labels: labelsOf(owner, account.name) },
    roleRef: { apiGroup: rbac, ...role },
    subjects: [{ kind: "ServiceAccount", ...account }],
  };
}

/** Bind an existing ClusterRole to a service account. */
export function clusterRoleBinding(
  name: string,
  role: string,
  account: { name: string; namespace: string },
  owner: Owner,
): KubernetesObject {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name, labels: labelsOf(owner, account.name) },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects: [{ kind: "ServiceAccount", ...account }],
  };
}
