import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterPath } from "../../util/home.ts";

/** Where everything of one cluster is. `data` outlives `down --keep-data`; `run` does not outlive a start. */
export interface Layout {
  folder: string;
  state: string;
  lock: string;
  kubeconfig: string;
  /** For programs on the host that must not depend on the port forwarding. */
  directKubeconfig: string;
  pki: string;
  config: string;
  logs: string;
  run: string;
  data: string;
  /** Processes the supervisor started, so that its successor adopts them. */
  pids: string;
  /** While this file exists the supervisor is not started anew. */
  stop: string;
  /** A bind mount of the network namespace, inside the private mount namespace. */
  netns: string;
  socket: string;
}

/** sun_path of a Unix socket holds 108 bytes with its final zero; a rename aside needs some of them. */
const longestSocketPath = 100;

/** The folder for a socket whose natural path is too long. It is short, private and named after the cluster. */
export function shortSocketFolder(folder: string): string {
  const hash = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  return join(tmpdir().length > 40 ? "/tmp" : tmpdir(), `landfall-${hash}`);
}

/** The paths of a named cluster below LANDFALL_HOME. */
export function layoutOf(name: string, folder = clusterPath(name)): Layout {
  const at = (...parts: string[]) => join(folder, ...parts);
  const socket = at("supervisor.sock");
  return {
    folder,
    state: at("cluster.json"),
    lock: at("lock"),
    kubeconfig: at("kubeconfig"),
    directKubeconfig: at("config", "admin.kubeconfig"),
    pki: at("pki"),
    config: at("config"),
    logs: at("logs"),
    run: at("run"),
    data: at("data"),
    pids: at("run", "pids.json"),
    stop: at("run", "stop"),
    netns: at("run", "netns"),
    socket:
      Buffer.byteLength(socket) <= longestSocketPath
        ? socket
        : join(shortSocketFolder(folder), "supervisor.sock"),
  };
}
