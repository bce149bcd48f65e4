import type { PolicyRule } from "../../kit/index.ts";

const write = ["get", "list", "watch", "create", "update", "patch", "delete"];

/** What Flagger reads and drives with Gateway API: workloads, their copies, Services, routes and autoscalers. */
export const rules: PolicyRule[] = [
  { apiGroups: [""], resources: ["events", "configmaps", "secrets", "services"], verbs: write },
  {
    apiGroups: ["apps"],
    resources: ["deployments", "daemonsets", "deployments/finalizers", "daemonsets/finalizers"],
    verbs: write,
  },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: write },
  {
    apiGroups: ["gateway.networking.k8s.io"],
    resources: ["httproutes", "httproutes/finalizers"],
    verbs: write,
  },
  {
    apiGroups: ["flagger.app"],
    resources: [
      "canaries",
      "canaries/status",
      "canaries/finalizers",
      "metrictemplates",
      "metrictemplates/status",
      "alertproviders",
      "alertproviders/status",
    ],
    verbs: write,
  },
  { nonResourceURLs: ["/version"], verbs: ["get"] },
];
