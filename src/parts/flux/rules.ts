import type { PolicyRule } from "../../kit/index.ts";

const read = ["get", "list", "watch"];

/** What the two controllers that fetch and split sources need: their own kinds, and what sources refer to. */
export const sourceRules: PolicyRule[] = [
  { apiGroups: ["source.toolkit.fluxcd.io", "source.extensions.fluxcd.io"], resources: ["*"], verbs: ["*"] },
  // Credentials, certificates and settings that sources name.
  { apiGroups: [""], resources: ["namespaces", "secrets", "configmaps", "serviceaccounts"], verbs: read },
  // A source may log in to its host with the identity of a service account.
  { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    verbs: [...read, "create", "update", "patch", "delete"],
  },
];
