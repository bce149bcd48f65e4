/** The words of the embedded cluster: what is asked for (spec), what was chosen (state), what is seen (status). */

/** How pods run: really, or simulated by kwok. */
export type Mode = "pods" | "simulated";

/** A port of the host's loopback that leads to a port of the node. `host` 0 means: choose a free one. */
export interface PortForward {
  name: string;
  host: number;
  node: number;
}

/** One process to keep alive beside the cluster's own, e.g. a controller in simulated mode. */
export interface ExtraProcess {
  name: string;
  /** Absolute path of the program. `{{kubeconfig}}`, `{{nodeIp}}` and `{{hostIp}}` in args and env are filled in. */
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** Answers 2xx when healthy; without it the process is healthy while it runs. */
  healthUrl?: string;
  /** Run inside the cluster's network namespace (mode pods only). @default false */
  netns?: boolean;
}

/** What a caller asks for. */
export interface EmbeddedSpec {
  /** A DNS label of at most 30 characters. */
  name: string;
  kubernetes: "1.36";
  mode: "auto" | Mode;
  /** Ports on the host's loopback; 0 chooses a free one, which is remembered. */
  ports: { api: number; http: number; https: number; forward?: PortForward[] };
  /** etcd does not wait for the disk. Tests only: a power cut may lose the cluster. @default false */
  unsafeNoFsync?: boolean;
  /** Paths of programs the user names, by program name. */
  binaries?: Record<string, string>;
  processes?: ExtraProcess[];
  /** The fleet's bare repository that is published to the cluster, and the cluster's name in it. */
  fleet?: { repo: string; cluster: string; branch: string };
}

/** A process identified beyond doubt: numbers are reused, a number with its start time is not. */
export interface ProcessId {
  pid: number;
  /** Clock ticks after boot, field 22 of /proc/PID/stat. */
  startTime: string;
  /** The boot the start time counts from. */
  bootId: string;
}

/** What was chosen for a cluster; kept in `cluster.json`. */
export interface ClusterState {
  version: 1;
  spec: EmbeddedSpec;
  mode: Mode;
  /** The cluster's folder, absolute. */
  folder: string;
  /** The node's address: inner end of the veth pair, or 127.0.0.1 when simulated. */
  nodeIp: string;
  /** The host as pods see it: outer end of the veth pair, or 127.0.0.1 when simulated. */
  hostIp: string;
  /** The node's name in Kubernetes. */
  nodeName: string;
  /** Absent when simulated. */
  network?: { netns: string; hostInterface: string; nodeInterface: string; prefix: number };
  /** The cgroup below each controller's root; absent when simulated. */
  cgroup?: string;
  /** Ports the components listen on, by purpose (`api`, `etcd`, `kubelet` …), at nodeIp. */
  nodePorts: Record<string, number>;
  /** Ports on 127.0.0.1 that lead into the cluster, by name (`api`, `http`, `https` …). */
  forwards: PortForward[];
  /** The administrator's kubeconfig for programs on the host. */
  kubeconfig: string;
  /** The supervisor's control socket. */
  socket: string;
  /** The resolved path of each program. */
  binaries: Record<string, string>;
  /** The process whose end ends everything of the cluster. */
  root?: ProcessId;
  /** ISO time of the first start. */
  createdAt: string;
}

/** One process as the supervisor sees it. */
export interface ProcessStatus {
  name: string;
  state: "waiting" | "starting" | "healthy" | "unhealthy" | "backoff" | "stopped";
  /** As the host counts; inside the supervisor's own namespace numbers differ. */
  pid?: number;
  restarts: number;
  /** ISO time since when it is healthy without a break. */
  healthySince?: string;
  /** Proportional set size in bytes. */
  memory?: number;
  /** Why it is not healthy, in one line. */
  reason?: string;
}

/** What `clusterStatus` answers. */
export interface ClusterStatus {
  name: string;
  state: "absent" | "stopped" | "starting" | "running" | "degraded";
  mode?: Mode;
  nodeIp?: string;
  hostIp?: string;
  forwards: PortForward[];
  kubeconfig?: string;
  processes: ProcessStatus[];
  /** Proportional set size of the platform's own processes (not of pods) in bytes. */
  memory: number;
  uptimeSeconds?: number;
}

/** What happens during `startCluster` and `stopCluster`, in order. */
export interface EmbeddedEvent {
  /** Milliseconds since the call. */
  at: number;
  step:
    | "machine"
    | "binaries"
    | "packages"
    | "network"
    | "certificates"
    | "supervisor"
    | "process"
    | "ready"
    | "stop";
  state: "start" | "progress" | "done";
  /** One line for people. */
  text: string;
  /** Set when step is `process`. */
  process?: string;
}
