import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { failure } from "../util/errors.ts";
import { landfallHome } from "../util/home.ts";
import { stopSupervisor } from "./launch/control-client.ts";
import { createSink } from "./launch/events.ts";
import { markedProcesses } from "./machine/marked.ts";
import { identify, isAlive, signalProcess } from "./machine/process-id.ts";
import { until } from "./machine/wait.ts";
import { removeCgroup } from "./network/cgroup.ts";
import { networkNames } from "./network/names.ts";
import { removeNetwork } from "./network/netns.ts";
import { type Layout, layoutOf, shortSocketFolder } from "./state/layout.ts";
import { withLock } from "./state/lock.ts";
import { readState, writeState } from "./state/state.ts";
import type { ClusterState, EmbeddedEvent, ProcessId } from "./types.ts";

/** Kill whatever the cluster still has; with process 1 of a namespace everything in it ends. */
async function killRest(state: ClusterState | undefined, folder: string): Promise<void> {
  // A dying process loses its environment first and its sockets later, so who was seen once is waited for.
  const seen = new Map<number, ProcessId>();
  if (state?.root) seen.set(state.root.pid, state.root);
  const gone = await until(
    () => {
      for (const pid of markedProcesses(folder)) {
        const id = identify(pid);
        if (id) seen.set(pid, id);
      }
      const rest = [...seen.values()].filter(isAlive);
      for (const id of rest) signalProcess(id, "SIGKILL");
      return rest.length === 0;
    },
    10_000,
    20,
  );
  if (gone) return;
  throw failure("LF4006", {
    what: "processes of the cluster do not end",
    why: `still there: ${markedProcesses(folder).join(", ")}`,
    fix: "end them as the user who started them, then run `landfall down` again",
  });
}

async function removeKernelObjects(name: string, state: ClusterState | undefined): Promise<void> {
  if (process.getuid?.() !== 0 || process.platform !== "linux") return;
  const names = state?.network ?? networkNames(name, join(landfallHome(), "clusters"));
  await removeNetwork(names);
  const cgroup = state?.cgroup ?? `/${names.netns}`;
  if (!(await removeCgroup(cgroup))) {
    throw failure("LF4006", {
      what: `the cgroup ${cgroup} is still in use`,
      fix: "run `landfall down` again",
    });
  }
}

function removeRunFiles(layout: Layout): void {
  rmSync(layout.run, { recursive: true, force: true });
  rmSync(layout.socket, { force: true });
  if (dirname(layout.socket) === shortSocketFolder(layout.folder)) {
    rmSync(dirname(layout.socket), { recursive: true, force: true });
  }
}

/**
 * End everything of a cluster that runs or is held by the kernel, whatever state it is in. Files stay,
 * except those of the run. `graceful` gives pods and databases time to end. The caller holds the lock.
 */
export async function endCluster(
  name: string,
  state: ClusterState | undefined,
  graceful: boolean,
): Promise<void> {
  const layout = layoutOf(name);
  const root = state?.root;
  if (root && isAlive(root) && (await stopSupervisor(layout.socket, graceful))) {
    await until(() => !isAlive(root), graceful ? 45_000 : 5000, 20);
  }
  await killRest(state, layout.folder);
  await removeKernelObjects(name, state);
  removeRunFiles(layout);
}

/** Take a cluster down; with `keepData` its data, certificates and choices stay for the next start. */
export async function stopCluster(
  name: string,
  options: { keepData: boolean; onEvent: (event: EmbeddedEvent) => void },
): Promise<void> {
  const layout = layoutOf(name);
  const sink = createSink(options.onEvent);
  if (!existsSync(layout.folder)) return sink.done("stop", `there is no cluster ${name}`);
  await withLock(layout.lock, "landfall down", async () => {
    sink.start("stop", `stopping ${name}`);
    const state = readState(name);
    await endCluster(name, state, options.keepData);
    if (options.keepData) {
      if (state) {
        const { root: _ended, ...rest } = state;
        writeState(rest);
      }
      return sink.done("stop", "stopped; its data stays");
    }
    rmSync(layout.folder, { recursive: true, force: true });
    return sink.done("stop", "removed");
  });
}
