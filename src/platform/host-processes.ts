import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ClusterPlan } from "../compile/plan.ts";
import { findBinary } from "../embedded/binaries/find.ts";
import { freePort, isPortFree } from "../embedded/machine/ports.ts";
import { isAlive } from "../embedded/machine/process-id.ts";
import { readState } from "../embedded/state/state.ts";
import type { ClusterState, ExtraProcess } from "../embedded/types.ts";
import type { HostProcess } from "../kit/part.ts";

interface Search {
  signal: AbortSignal;
  say: (line: string) => void;
  options: { binaries?: Record<string, string> };
}

/**
 * The parts' programs that run on the host because the cluster's pods are simulated. One that runs already keeps its
 * port, so that it is not started anew. Errors: those of `findBinary`.
 */
export async function hostProcesses(
  plan: ClusterPlan,
  state: ClusterState,
  search: Search,
): Promise<ExtraProcess[]> {
  const running = state.spec.processes ?? [];
  const taken = new Set(running.map(portOf));
  const wanted: ExtraProcess[] = [];
  for (const one of plan.processes) {
    const { path } = await findBinary(one.program, { ...search.options, ...search, onProgress: search.say });
    const before = running.find(({ name, command }) => name === one.program && command === path);
    const port = (before && portOf(before)) || (await freePort(taken));
    taken.add(port);
    wanted.push(extraProcess(one, path, port, plan.deliveryNamespace, state));
  }
  return wanted;
}

function extraProcess(
  { program, args, health }: HostProcess,
  command: string,
  port: number,
  namespace: string,
  state: ClusterState,
): ExtraProcess {
  const dataDir = join(state.folder, "data", "processes", program);
  const temporary = join(dataDir, "tmp");
  mkdirSync(temporary, { recursive: true });
  const base = `http://127.0.0.1:${port}`;
  return {
    name: program,
    command,
    args: args({ kubeconfig: "{{kubeconfig}}", port, dataDir }),
    env: { KUBECONFIG: "{{kubeconfig}}", RUNTIME_NAMESPACE: namespace, HOME: dataDir, TMPDIR: temporary },
    ...(health && { healthUrl: `${base}${health}` }),
  };
}

/**
 * What a simulated cluster ran beside its own processes, as far as it can go on: its program is there and, once the
 * cluster was stopped, its port is free. They stay while the cluster is looked at again, since a list that differs
 * ends and starts processes.
 */
export async function knownProcesses(cluster: string): Promise<ExtraProcess[]> {
  const state = readState(cluster);
  if (state?.mode !== "simulated") return [];
  const known = (state.spec.processes ?? []).filter(({ command }) => existsSync(command));
  if (state.root && isAlive(state.root)) return known;
  const free = await Promise.all(known.map((one) => isPortFree(portOf(one))));
  return known.filter((_, i) => free[i]);
}

function portOf({ healthUrl }: ExtraProcess): number {
  return healthUrl ? Number(new URL(healthUrl).port) : 0;
}
