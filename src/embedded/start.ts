import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { failure, messageOf } from "../util/errors.ts";
import { writeFileAtomic } from "../util/files.ts";
import { canonicalJson } from "../util/hash.ts";
import { chooseState } from "./choose.ts";
import { cidrs } from "./components/component.ts";
import { pauseArchiveName, pauseImage } from "./components/containerd.ts";
import { componentKubeconfig, kubeconfig } from "./components/kubeconfig.ts";
import { nodeIsReady, registerSimulatedNode } from "./launch/api.ts";
import { askSupervisor, isHealthy, reloadSupervisor } from "./launch/control-client.ts";
import { createSink, type EventSink, interruptible } from "./launch/events.ts";
import { launchSupervisor, supervisorLog } from "./launch/launch.ts";
import { waitForProcesses } from "./launch/wait-processes.ts";
import { isAlive } from "./machine/process-id.ts";
import { until } from "./machine/wait.ts";
import { createCgroup } from "./network/cgroup.ts";
import { createNetwork, networkIsUp, removeNetwork } from "./network/netns.ts";
import { ensurePki } from "./pki/ensure.ts";
import { prepareMachine } from "./prepare.ts";
import { type Layout, layoutOf } from "./state/layout.ts";
import { withLock } from "./state/lock.ts";
import { readState, requireClusterName, writeState } from "./state/state.ts";
import { endCluster } from "./stop.ts";
import type { ClusterState, EmbeddedEvent, EmbeddedSpec } from "./types.ts";

/** Options of {@link startCluster}. */
export interface StartOptions {
  onEvent: (event: EmbeddedEvent) => void;
  signal?: AbortSignal;
  /** How long the processes and the node may take, in milliseconds. @default 180000 */
  timeoutMs?: number;
}

/** How long a running cluster may take to repair itself before it is started anew. */
const repairMs = 20_000;

function samePurpose(a: EmbeddedSpec, b: EmbeddedSpec): boolean {
  const rest = (spec: EmbeddedSpec) => canonicalJson({ ...spec, processes: [] });
  return rest(a) === rest(b);
}

/** The running cluster, when it is what the spec asks for and answers. */
async function alreadyRunning(spec: EmbeddedSpec, before: ClusterState | undefined, layout: Layout) {
  if (!before?.root || !isAlive(before.root) || !samePurpose(before.spec, spec)) return undefined;
  if (before.network && !(await networkIsUp(before.network, before.hostIp, before.nodeIp))) return undefined;
  if (Object.values(before.binaries).some((path) => !existsSync(path))) return undefined;
  // A supervisor that was just killed is back within a second.
  if (!(await until(async () => (await askSupervisor(layout.socket)) !== undefined, 3000))) return undefined;
  const state = { ...before, spec };
  if (canonicalJson(before.spec) !== canonicalJson(spec)) {
    writeState(state);
    await reloadSupervisor(layout.socket);
  }
  return state;
}

async function prepareCertificates(state: ClusterState, layout: Layout, sink: EventSink): Promise<void> {
  sink.start("certificates", "certificates");
  const issued = await ensurePki(layout.pki, {
    nodeName: state.nodeName,
    apiIps: [state.nodeIp],
    nodeIps: [state.nodeIp],
  });
  const direct = componentKubeconfig({ state, layout }, "admin");
  writeFileAtomic(direct.path, direct.content, 0o600);
  const server = `https://127.0.0.1:${state.forwards.find((f) => f.name === "api")?.host}`;
  writeFileAtomic(layout.kubeconfig, kubeconfig(layout.pki, "admin", server, state.spec.name), 0o600);
  sink.done(
    "certificates",
    issued.length > 0 ? `${issued.length} certificates issued` : "certificates are valid",
  );
}

async function prepareNetwork(state: ClusterState, sink: EventSink): Promise<void> {
  if (!state.network || !state.cgroup) return;
  sink.start("network", "network namespace");
  if (!(await networkIsUp(state.network, state.hostIp, state.nodeIp))) {
    await removeNetwork(state.network);
    await createNetwork(state.network, state.hostIp, state.nodeIp, cidrs.services);
  }
  createCgroup(state.cgroup);
  sink.done("network", `${state.network.netns}: node ${state.nodeIp}, host ${state.hostIp}`);
}

function tail(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").slice(-3).join(" | ") : "";
}

async function launch(state: ClusterState, layout: Layout, sink: EventSink): Promise<ClusterState> {
  sink.start("supervisor", "supervisor");
  const root = launchSupervisor(state, layout);
  const running = { ...state, root };
  writeState(running);
  const serves = await until(
    async () => (await askSupervisor(layout.socket)) !== undefined || !isAlive(root),
    20_000,
    20,
    sink.signal,
  );
  sink.check();
  if (!serves || !isAlive(root)) {
    throw failure("LF4006", {
      what: "the supervisor did not start",
      why: tail(supervisorLog(layout)) || "it wrote nothing",
      fix: `read ${supervisorLog(layout)}`,
    });
  }
  sink.done("supervisor", `process ${root.pid}`);
  return running;
}

async function waitReady(
  state: ClusterState,
  layout: Layout,
  sink: EventSink,
  timeoutMs: number,
): Promise<void> {
  await waitForProcesses(layout, sink, timeoutMs);
  sink.start("ready", "node");
  if (state.mode === "simulated") {
    await until(() => registerSimulatedNode(state, layout.pki), 30_000, 100, sink.signal);
  }
  const ready = await until(() => nodeIsReady(state, layout.pki), timeoutMs, 50, sink.signal);
  sink.check();
  if (!ready) {
    throw failure("LF4009", {
      what: `the node ${state.nodeName} did not become Ready`,
      why: tail(join(layout.logs, "kubelet.log")),
      fix: `read the logs in ${layout.logs}`,
    });
  }
  sink.done(
    "ready",
    state.mode === "pods" ? "node Ready" : "node Ready; pods are SIMULATED, nothing runs in them",
  );
}

/**
 * Whether a running cluster is healthy, or becomes so in a moment. When not, the supervisor's own means did
 * not suffice, and only a new start with programs and files found afresh may help.
 */
async function isHealthyNow(state: ClusterState, layout: Layout, sink: EventSink): Promise<boolean> {
  const status = await askSupervisor(layout.socket);
  if (status && isHealthy(status.processes) && (await nodeIsReady(state, layout.pki))) {
    sink.done("ready", "already running");
    return true;
  }
  const unwell = status?.processes.filter(({ state: s }) => s !== "healthy").map(({ name }) => name);
  sink.progress("ready", `running; waiting for ${unwell?.join(", ") || "the node"}`);
  try {
    await waitReady(state, layout, sink, repairMs);
    return true;
  } catch (error) {
    sink.check();
    sink.progress("ready", `${messageOf(error)}; starting it anew`);
    return false;
  }
}

async function startFresh(
  spec: EmbeddedSpec,
  layout: Layout,
  before: ClusterState | undefined,
  sink: EventSink,
): Promise<ClusterState> {
  const { mode, binaries } = await prepareMachine(spec, before, sink);
  // What is left of an earlier or half-finished start, or runs with another spec.
  await endCluster(spec.name, before, true);
  sink.check();
  mkdirSync(layout.folder, { recursive: true, mode: 0o700 });
  const state = await chooseState(spec, mode, binaries, before?.mode === mode ? before : undefined);
  // Written before anything is made, so that `down` knows what to look for whenever this ends early.
  writeState(state);
  await prepareNetwork(state, sink);
  sink.check();
  await prepareCertificates(state, layout, sink);
  if (mode === "pods") {
    const { writePauseArchive } = await import("./launch/pause-archive.ts");
    await writePauseArchive(binaries.pause ?? "", pauseImage, join(layout.config, pauseArchiveName));
  }
  sink.check();
  return await launch(state, layout, sink);
}

/**
 * Bring a cluster up, or back up: a healthy one is left alone, a half-finished, damaged or rebooted one is
 * repaired. Resolves when every process is healthy and the node is Ready. Aborting ends it at the next step;
 * whatever was made stays for a second start or a stop. Errors: LF4001–LF4010, LF5002, LF9003.
 */
export async function startCluster(spec: EmbeddedSpec, options: StartOptions): Promise<ClusterState> {
  requireClusterName(spec.name);
  const layout = layoutOf(spec.name);
  const sink = createSink(options.onEvent, options.signal);
  const timeoutMs = options.timeoutMs ?? 180_000;
  const work = async () => {
    const before = readState(spec.name);
    const running = await alreadyRunning(spec, before, layout);
    if (running && (await isHealthyNow(running, layout, sink))) return running;
    const state = await startFresh(spec, layout, running ?? before, sink);
    await waitReady(state, layout, sink, timeoutMs);
    return state;
  };
  return await withLock(layout.lock, "landfall up", () => interruptible(options.signal, work));
}
