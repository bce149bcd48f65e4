/** The embedded cluster: a real Kubernetes on this machine. See README.md beside this file. */
export { gatewayNodePorts } from "./choose.ts";
export { inspectMachine } from "./doctor.ts";
export type { Check } from "./doctor-check.ts";
export { enterCommand } from "./enter.ts";
export { installPackages, missingPackages, packageNeeds } from "./packages.ts";
export { type StartOptions, startCluster } from "./start.ts";
export { clusterStatus, listClusters } from "./status.ts";
export { stopCluster } from "./stop.ts";
export type {
  ClusterState,
  ClusterStatus,
  EmbeddedEvent,
  EmbeddedSpec,
  ExtraProcess,
  Mode,
  PortForward,
  ProcessStatus,
} from "./types.ts";
