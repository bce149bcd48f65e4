import type { ClusterState } from "../types.ts";

/** What a service inside the supervisor gets. It runs in the host's network namespace. */
export interface ServiceContext {
  cluster: ClusterState;
  /** Where the node's ports are reached (API, registry, NodePorts). */
  nodeIp: string;
  /** Where pods reach a server of this process: listen here. */
  hostIp: string;
  /** Path of an administrator's kubeconfig that does not depend on the port forwarding. */
  kubeconfig: string;
  /** Write one line to the supervisor's log. */
  log: (line: string) => void;
  /** Aborted when the supervisor stops. */
  signal: AbortSignal;
  /** Resolves when the named process is healthy, e.g. `waitReady("kube-apiserver")`; rejects on abort. */
  waitReady: (process: string) => Promise<void>;
}

/**
 * Something that lives as long as the cluster, inside its supervisor. `start` is called once per life
 * of the supervisor, early (processes may not be there yet: use `waitReady`); when it throws it is
 * tried again with backoff. `stop` must be safe to call at any time.
 */
export interface SupervisorService {
  name: string;
  start(cx: ServiceContext): Promise<void>;
  stop(): Promise<void>;
}
