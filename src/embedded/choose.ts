/** What must be decided before a cluster starts: how pods run, which ports, which addresses. */
import { join } from "node:path";
import { failure } from "../util/errors.ts";
import { landfallHome } from "../util/home.ts";
import { chooseAddresses, parseRange } from "./machine/addresses.ts";
import { capNetAdmin, capSysAdmin, lacksCapability } from "./machine/capabilities.ts";
import { isMarked } from "./machine/marked.ts";
import { freePort, isPortFree, requirePort } from "./machine/ports.ts";
import { cgroupMode } from "./network/cgroup.ts";
import { networkNames } from "./network/names.ts";
import { findProgram, missingPackages } from "./packages.ts";
import { layoutOf } from "./state/layout.ts";
import { clusterNames, readState } from "./state/state.ts";
import type { ClusterState, EmbeddedSpec, Mode, PortForward } from "./types.ts";

/** Ports in the cluster's own network namespace: nobody else is there, so they are the customary ones. */
const podsPorts: Record<string, number> = {
  api: 6443,
  etcd: 2379,
  "etcd-peer": 2380,
  kubelet: 10250,
  "kubelet-health": 10248,
  "kube-controller-manager": 10257,
  "kube-scheduler": 10259,
  "kube-proxy-health": 10256,
  "kube-proxy-metrics": 10249,
  registry: 5000,
};

const simulatedPorts = ["etcd", "etcd-peer", "kube-controller-manager", "kube-scheduler", "kwok"];

/** NodePorts that the gateway's Service takes for HTTP and HTTPS. */
export const gatewayNodePorts = { http: 30080, https: 30443 };

/** Why this machine cannot run real pods; undefined when it can (perhaps after an install). */
export function whyNoPods(): string | undefined {
  if (process.platform !== "linux") return "this is not Linux";
  if (process.getuid?.() !== 0) return "real pods need root";
  if (lacksCapability(capSysAdmin) || lacksCapability(capNetAdmin)) {
    return "root here lacks the capabilities CAP_SYS_ADMIN or CAP_NET_ADMIN";
  }
  if (cgroupMode() === "none") return "no cgroups are mounted";
  const missing = missingPackages().map((need) => need.name);
  if (missing.length > 0 && !findProgram("apt-get")) return `not installed: ${missing.join(", ")}`;
  return undefined;
}

/** The mode a spec comes to on this machine. LF4002 when real pods were asked for and cannot be had. */
export function chooseMode(spec: Pick<EmbeddedSpec, "mode">): { mode: Mode; reason?: string } {
  if (spec.mode === "simulated") return { mode: "simulated", reason: "it was asked for" };
  const reason = whyNoPods();
  if (reason === undefined) return { mode: "pods" };
  if (spec.mode === "auto") return { mode: "simulated", reason };
  throw failure("LF4002", {
    what: "real pods cannot run here",
    why: reason,
    fix: "run as root on Linux, or choose mode simulated",
  });
}

function wishedForwards(spec: EmbeddedSpec, mode: Mode): PortForward[] {
  const api = { name: "api", host: spec.ports.api, node: podsPorts.api ?? 6443 };
  if (mode === "simulated") return [api];
  return [
    api,
    { name: "http", host: spec.ports.http, node: gatewayNodePorts.http },
    { name: "https", host: spec.ports.https, node: gatewayNodePorts.https },
    ...(spec.ports.forward ?? []),
  ];
}

/** LF4001 when a port that the spec wishes for is taken; one that this very cluster holds counts as free. */
export async function requireWishedPorts(spec: EmbeddedSpec, mode: Mode): Promise<void> {
  const { folder } = layoutOf(spec.name);
  for (const { host, name } of wishedForwards(spec, mode)) {
    if (host !== 0) await requirePort(host, name, (pid) => isMarked(pid, folder));
  }
}

/** Ports of this home's other clusters, running or not: a stopped one must find its own again. */
function portsOfOthers(name: string): Set<number> {
  const states = clusterNames()
    .filter((other) => other !== name)
    .map(readState);
  const ports = states.flatMap((s) => [
    ...(s?.forwards.map((f) => f.host) ?? []),
    ...(s?.mode === "simulated" ? Object.values(s.nodePorts) : []),
  ]);
  return new Set(ports);
}

/** Keep the ports chosen before where they are still free, choose the missing ones, refuse taken wishes. */
async function chooseForwards(spec: EmbeddedSpec, mode: Mode, before?: ClusterState): Promise<PortForward[]> {
  const taken = portsOfOthers(spec.name);
  const result: PortForward[] = [];
  for (const wish of wishedForwards(spec, mode)) {
    let host = wish.host;
    if (host !== 0) await requirePort(host, wish.name);
    else {
      const known = before?.forwards.find((f) => f.name === wish.name)?.host ?? 0;
      host = known !== 0 && (await isPortFree(known)) ? known : await freePort(taken);
    }
    taken.add(host);
    result.push({ ...wish, host });
  }
  return result;
}

async function chooseSimulatedPorts(forwards: PortForward[], before?: ClusterState) {
  const taken = new Set(forwards.map((f) => f.host));
  const ports: Record<string, number> = { api: forwards[0]?.host ?? 0 };
  for (const name of simulatedPorts) {
    const known = before?.mode === "simulated" ? (before.nodePorts[name] ?? 0) : 0;
    const port = known !== 0 && (await isPortFree(known)) ? known : await freePort(taken);
    taken.add(port);
    ports[name] = port;
  }
  return ports;
}

async function chooseNetwork(spec: EmbeddedSpec, folder: string, before?: ClusterState) {
  const others = clusterNames().filter((name) => name !== spec.name);
  const taken = others
    .map((name) => parseRange(`${readState(name)?.nodeIp}/30`))
    .filter((r) => r !== undefined);
  const addresses =
    before?.mode === "pods" && before.network
      ? { hostIp: before.hostIp, nodeIp: before.nodeIp }
      : await chooseAddresses(taken);
  const names = networkNames(spec.name, folder);
  return { ...addresses, network: { ...names, prefix: 30 }, cgroup: `/${names.netns}` };
}

/** The state of a cluster about to start, with what was chosen before where it still holds. */
export async function chooseState(
  spec: EmbeddedSpec,
  mode: Mode,
  binaries: Record<string, string>,
  before?: ClusterState,
): Promise<ClusterState> {
  const layout = layoutOf(spec.name);
  const forwards = await chooseForwards(spec, mode, before);
  const simulated = mode === "simulated";
  const where = simulated
    ? { hostIp: "127.0.0.1", nodeIp: "127.0.0.1" }
    : await chooseNetwork(spec, join(landfallHome(), "clusters"), before);
  return {
    version: 1,
    spec,
    mode,
    folder: layout.folder,
    ...where,
    nodeName: `landfall-${spec.name}`,
    nodePorts: simulated ? await chooseSimulatedPorts(forwards, before) : podsPorts,
    forwards: simulated ? forwards.map((f) => ({ ...f, node: f.host })) : forwards,
    kubeconfig: layout.kubeconfig,
    socket: layout.socket,
    binaries,
    createdAt: before?.createdAt ?? new Date().toISOString(),
  };
}
