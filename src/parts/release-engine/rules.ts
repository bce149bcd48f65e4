import type { PolicyRule } from "../../kit/index.ts";

/** What the engine looks at on a cluster, and no right to change any of it. */
export const observed: PolicyRule[] = [
  { apiGroups: ["kustomize.toolkit.fluxcd.io"], resources: ["kustomizations"], verbs: ["get", "list"] },
  // What the artifacts of a Git host are made of.
  { apiGroups: ["source.extensions.fluxcd.io"], resources: ["artifactgenerators"], verbs: ["get", "list"] },
  { apiGroups: ["flagger.app"], resources: ["canaries"], verbs: ["get", "list"] },
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets"], verbs: ["get", "list"] },
  // Pods tell which version serves and why one does not start; events are the evidence.
  { apiGroups: [""], resources: ["pods", "events"], verbs: ["get", "list"] },
];

/** Which names a cluster answers, and where. */
export const sharedRoutes: PolicyRule[] = [
  {
    apiGroups: ["gateway.networking.k8s.io"],
    resources: ["gateways", "httproutes", "grpcroutes"],
    verbs: ["list"],
  },
];

/** What DNS shall say, in the one namespace where its writer reads it. */
export const keptNames: PolicyRule[] = [
  {
    apiGroups: ["externaldns.k8s.io"],
    resources: ["dnsendpoints"],
    verbs: ["list", "create", "patch", "delete"],
  },
];

/** Reach one port of a Service through the API server: GET asks it, POST tells it. */
export const proxied = (service: string, port: number, verbs: ("get" | "create")[]): PolicyRule[] => [
  { apiGroups: [""], resources: ["services/proxy"], resourceNames: [`${service}:${port}`], verbs },
];

/** The lease of the one that works. */
export const elected = (lease: string): PolicyRule[] => [
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [lease],
    verbs: ["get", "create", "patch"],
  },
];
