import { type KubernetesObject, labelsOf, type Owner, type PolicyRule } from "../../kit/index.ts";

const api = "rbac.authorization.k8s.io";

/** A Role of the rules in the account's own namespace, bound to it. */
export function namespacedRole(
  account: { name: string; namespace: string },
  owner: Owner,
  rules: PolicyRule[],
): KubernetesObject[] {
  const metadata = { ...account, labels: labelsOf(owner, account.name) };
  return [
    { apiVersion: `${api}/v1`, kind: "Role", metadata, rules },
    {
      apiVersion: `${api}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: api, kind: "Role", name: account.name },
      subjects: [{ kind: "ServiceAccount", ...account }],
    },
  ];
}
