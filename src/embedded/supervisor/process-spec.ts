/** How to see that a process serves: asked again and again, each try bounded by a few seconds. */
export type HealthCheck =
  | {
      kind: "http";
      /** Healthy when this answers 2xx. */
      url: string;
      /** PEM file paths for mutual TLS; with `insecure` the server's certificate is not judged. */
      tls?: { ca?: string; cert?: string; key?: string; insecure?: boolean };
    }
  | { kind: "exec"; command: string; args: string[] }
  | { kind: "tcp"; host: string; port: number }
  | { kind: "alive" };

/** One supervised process as plain data, so that two specs can be compared by their JSON. */
export interface ProcessSpec {
  name: string;
  /** Absolute path of the program. */
  command: string;
  args: string[];
  /** The whole environment besides PATH and HOME, which the supervisor sets. */
  env?: Record<string, string>;
  /** Run inside the cluster's network namespace. */
  netns: boolean;
  health: HealthCheck;
  /** Names of processes that must have been healthy before the first start of this one. */
  dependsOn: string[];
  /** Commands that must succeed after each start, once its check answers and before it counts as healthy. */
  prepare?: { command: string; args: string[] }[];
  /** Time between SIGTERM and SIGKILL when stopping, in milliseconds. @default 5000 */
  stopTimeoutMs?: number;
  /** Consecutive failed checks, once healthy, before it is killed and started anew. @default 20 */
  failureThreshold?: number;
  /** How long a start may take before it is killed and started anew, in milliseconds. @default 60000 */
  startTimeoutMs?: number;
  /** SHA-256 of configuration files it reads, so that changed files restart it. */
  configHash?: string;
}
