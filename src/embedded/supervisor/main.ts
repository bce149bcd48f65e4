/**
 * The supervisor of one cluster: keeps its processes alive, leads the forwarded ports into it, serves the
 * control socket and runs the services of other modules. `main.ts FOLDER` — the cluster's folder.
 * It may be killed at any time: what it started goes on, and its successor adopts it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { messageOf } from "../../util/errors.ts";
import { clusterProcesses } from "../components/all.ts";
import { proportionalMemory } from "../machine/process-id.ts";
import { layoutOf } from "../state/layout.ts";
import type { ClusterState, ProcessStatus } from "../types.ts";
import { type SupervisorStatus, serveControl } from "./control.ts";
import { endPods } from "./end-pods.ts";
import { forwardPorts } from "./forward.ts";
import { resetHealthAgents } from "./health.ts";
import { trimLogs } from "./log-file.ts";
import { openPidRecord } from "./pid-record.ts";
import { createProcesses, type Processes } from "./processes.ts";
import type { RunningServices } from "./services.ts";
import { shimMemory } from "./shims.ts";

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const folder = process.argv[2] ?? "";
const layout = layoutOf(basename(folder), folder);
const ending = new AbortController();
const startedAt = new Date().toISOString();

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

function readCluster(): ClusterState {
  return JSON.parse(readFileSync(layout.state, "utf8")) as ClusterState;
}

function environment(state: ClusterState): Record<string, string> {
  const folders = [...new Set(Object.values(state.binaries).map((path) => dirname(path)))];
  return {
    PATH: [...folders, searchPath].join(":"),
    HOME: layout.run,
    // By this mark `down` finds what belongs to the cluster, whatever else was lost.
    LANDFALL_CLUSTER: folder,
  };
}

function withMemory(status: ProcessStatus): ProcessStatus {
  const memory = status.pid === undefined ? undefined : proportionalMemory(status.pid);
  return memory === undefined ? status : { ...status, memory };
}

function supervisorStatus(
  processes: Processes,
  running: RunningServices | undefined,
  mode: ClusterState["mode"],
  memory: boolean,
): SupervisorStatus {
  const self: ProcessStatus = {
    name: "supervisor",
    state: "healthy",
    pid: process.pid,
    restarts: 0,
    healthySince: startedAt,
  };
  const list = [...processes.statuses(), self];
  // Without a process namespace of its own, the shims to be seen here are those of other clusters.
  const shims: ProcessStatus[] = memory && mode === "pods" ? shimMemory() : [];
  return {
    startedAt,
    processes: memory ? [...list.map(withMemory), ...shims] : list,
    services: running?.statuses() ?? [],
  };
}

async function main(): Promise<void> {
  for (const path of [layout.run, layout.logs, layout.data]) mkdirSync(path, { recursive: true });
  const state = readCluster();
  const processes = createProcesses({
    logs: layout.logs,
    record: openPidRecord(layout.pids, log),
    env: environment(state),
    enterNetns: (line) =>
      state.network ? ["/usr/bin/nsenter", `--net=${layout.netns}`, "--", ...line] : line,
    log,
  });
  const reload = async () => {
    resetHealthAgents();
    await processes.reconcile(clusterProcesses({ state: readCluster(), layout }));
  };
  await reload();
  if (state.mode === "pods") forwardPorts(state.forwards, state.nodeIp, ending.signal, log);
  let running: RunningServices | undefined;
  /** Loading the services takes longer than starting etcd, so it is done while the API server starts. */
  const startServices = async () => {
    await processes.waitHealthy(["etcd"], ending.signal);
    const { runServices, servicesOf } = await import("./services.ts");
    running = runServices(
      servicesOf(state),
      {
        cluster: state,
        nodeIp: state.nodeIp,
        hostIp: state.hostIp,
        kubeconfig: layout.directKubeconfig,
        signal: ending.signal,
        waitReady: (name) => processes.waitHealthy([name], ending.signal),
      },
      log,
    );
  };

  const stop = async (graceful: boolean) => {
    if (ending.signal.aborted) return;
    writeFileSync(layout.stop, "");
    ending.abort();
    log(graceful ? "stopping" : "ending at once");
    // Otherwise all ends with this process's namespace, or, simulated, by the caller's hand.
    if (graceful) {
      await running?.stop();
      if (state.cgroup) {
        // Without the kubelet nothing starts a pod again.
        await processes.reconcile(
          clusterProcesses({ state, layout }).filter((spec) => spec.name !== "kubelet"),
        );
        await endPods(state.cgroup);
      }
      await processes.stop();
    }
    process.exit(0);
  };
  await serveControl(layout.socket, {
    status: (memory) => supervisorStatus(processes, running, state.mode, memory),
    subscribe: processes.subscribe,
    reload,
    stop: (graceful) => void stop(graceful),
  });
  startServices().catch((error: unknown) => {
    if (!ending.signal.aborted) log(`services: ${messageOf(error)}`);
  });
  setInterval(() => trimLogs(layout.logs), 30_000);
  process.on("SIGTERM", () => void stop(true));
  process.on("SIGHUP", () => {});
  log("serving");
}

if (existsSync(layout.stop)) process.exit(0);
process.on("uncaughtException", (error) => {
  log(`failed: ${error.stack ?? messageOf(error)}`);
  process.exit(1);
});
await main();
