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

/** A ClusterRole of the rules, bound to one service account. */
export function clusterRole(name: string, namespace: string, owner: Owner, rules: PolicyRule[]): KubernetesObject[] {
  const labels = labelsOf(owner, name);
  return [
    { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name, labels }, rules },
    clusterRoleBinding(name, name, { name, namespace }, owner),
  ];
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
    metadata: { name, labels: labelsOf(owner, name) },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects: [{ kind: "ServiceAccount", ...account }],
  };
}
