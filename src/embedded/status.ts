import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { askSupervisor, isHealthy } from "./launch/control-client.ts";
import { isAlive } from "./machine/process-id.ts";
import { layoutOf } from "./state/layout.ts";
import { clusterNames, readState } from "./state/state.ts";
import type { ClusterState, ClusterStatus, ProcessStatus } from "./types.ts";

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Numbers inside the cluster's process namespace → the host's numbers. */
function hostNumbers(state: ClusterState): Map<number, number> | undefined {
  const namespace = state.root && link(`/proc/${state.root.pid}/ns/pid_for_children`);
  if (!namespace || state.mode === "simulated") return undefined;
  const pairs = readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && link(`/proc/${pid}/ns/pid`) === namespace)
    .map((pid): [number, number] => {
      try {
        const own = /^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        return [Number(own), Number(pid)];
      } catch {
        return [0, 0];
      }
    });
  return new Map(pairs);
}

function asHostCounts(processes: ProcessStatus[], numbers: Map<number, number> | undefined): ProcessStatus[] {
  if (!numbers) return processes;
  return processes.map(({ pid, ...rest }) => {
    const host = pid === undefined ? undefined : numbers.get(pid);
    return host === undefined ? rest : { ...rest, pid: host };
  });
}

/** What a cluster does now. Never throws for a cluster that is absent, stopped or damaged. */
export async function clusterStatus(name: string): Promise<ClusterStatus> {
  const nothing = { name, forwards: [], processes: [], memory: 0 };
  const state = readState(name);
  if (!state) return { ...nothing, state: "absent" };
  const known = {
    ...nothing,
    mode: state.mode,
    nodeIp: state.nodeIp,
    hostIp: state.hostIp,
    forwards: state.forwards,
    kubeconfig: state.kubeconfig,
  };
  if (!state.root || !isAlive(state.root)) return { ...known, state: "stopped" };
  const answer = await askSupervisor(layoutOf(name).socket, true);
  if (!answer) return { ...known, state: "degraded" };
  const processes = asHostCounts(answer.processes, hostNumbers(state));
  const begun = processes.some((one) => one.state === "waiting" || one.state === "starting");
  return {
    ...known,
    state: isHealthy(processes) ? "running" : begun ? "starting" : "degraded",
    processes,
    memory: processes.reduce((sum, one) => sum + (one.memory ?? 0), 0),
    uptimeSeconds: Math.round((Date.now() - Date.parse(answer.startedAt)) / 1000),
  };
}

/** Every cluster below LANDFALL_HOME with what it does now. */
export async function listClusters(): Promise<ClusterStatus[]> {
  return await Promise.all(clusterNames().map(clusterStatus));
}
