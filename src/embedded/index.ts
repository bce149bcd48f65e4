/** The embedded cluster: a real Kubernetes on this machine. See README.md beside this file. */
export { gatewayNodePorts } from "./choose.ts";
export { type Check, inspectMachine } from "./doctor.ts";
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
