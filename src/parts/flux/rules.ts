import type { PolicyRule } from "../../kit/index.ts";

const read = ["get", "list", "watch"];
const write = [...read, "create", "update", "patch", "delete"];
const sources = [
  "buckets",
  "externalartifacts",
  "gitrepositories",
  "helmcharts",
  "helmrepositories",
  "ocirepositories",
];

/** A kind's objects, their status and their finalizers. */
const whole = (plural: string) => [plural, `${plural}/status`, `${plural}/finalizers`];

/** What the two controllers that fetch and split sources need: their own kinds, and what sources refer to. */
export const sourceRules: PolicyRule[] = [
  { apiGroups: ["source.toolkit.fluxcd.io"], resources: sources.flatMap(whole), verbs: write },
  { apiGroups: ["source.extensions.fluxcd.io"], resources: whole("artifactgenerators"), verbs: write },
  // Credentials, certificates and settings that sources name.
  { apiGroups: [""], resources: ["namespaces", "secrets", "configmaps", "serviceaccounts"], verbs: read },
  // A source may log in to its host with the identity of a service account.
  { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: write },
];
