import type { PolicyRule } from "../../kit/index.ts";

const routes = [
  "gatewayclasses",
  "gateways",
  "httproutes",
  "grpcroutes",
  "tcproutes",
  "tlsroutes",
  "referencegrants",
  "backendtlspolicies",
];

/** What Traefik's Gateway provider reads, and the statuses it writes. */
export const rules: PolicyRule[] = [
  {
    apiGroups: [""],
    resources: ["namespaces", "services", "secrets", "configmaps", "nodes"],
    verbs: ["get", "list", "watch"],
  },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["gateway.networking.k8s.io"], resources: routes, verbs: ["get", "list", "watch"] },
  {
    apiGroups: ["gateway.networking.k8s.io"],
    resources: routes.filter((r) => r !== "referencegrants").map((r) => `${r}/status`),
    verbs: ["update", "patch"],
  },
];
