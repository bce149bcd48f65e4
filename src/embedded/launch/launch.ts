import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { failure } from "../../util/errors.ts";
import { landfallHome } from "../../util/home.ts";
import { identify } from "../machine/process-id.ts";
import { systemProcsFiles } from "../network/cgroup.ts";
import { netnsPath } from "../network/netns.ts";
import type { Layout } from "../state/layout.ts";
import type { ClusterState, ProcessId } from "../types.ts";
import { loopScript, podsScript } from "./script.ts";

const main = fileURLToPath(new URL("../supervisor/main.ts", import.meta.url));

function commandLine(state: ClusterState, layout: Layout): string[] {
  const input = {
    node: process.execPath,
    main,
    home: landfallHome(),
    folder: layout.folder,
    stopFile: layout.stop,
  };
  if (!state.network || !state.cgroup) return ["/bin/sh", "-c", loopScript(input)];
  const script = podsScript({
    ...input,
    netnsSource: netnsPath(state.network.netns),
    netnsTarget: layout.netns,
    data: layout.data,
    procsFiles: systemProcsFiles(state.cgroup),
  });
  const namespaces = [
    "--pid",
    "--mount",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--propagation",
    "private",
  ];
  return ["/usr/bin/unshare", ...namespaces, "/bin/sh", "-c", script];
}

/** Where the supervisor and the shell around it write. */
export function supervisorLog(layout: Layout): string {
  return join(layout.logs, "supervisor.log");
}

/**
 * Start the supervisor's surroundings, detached from this process and its terminal. Answers the process
 * whose end ends everything; that the supervisor serves is for the caller to wait for.
 */
export function launchSupervisor(state: ClusterState, layout: Layout): ProcessId {
  // What ran before is gone with its namespaces; its process numbers must not be taken for new ones.
  rmSync(layout.run, { recursive: true, force: true });
  for (const folder of [layout.run, layout.logs, layout.data]) mkdirSync(folder, { recursive: true });
  const log = openSync(supervisorLog(layout), "a", 0o600);
  const [command = "", ...args] = commandLine(state, layout);
  try {
    const child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: "/",
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        LANDFALL_HOME: landfallHome(),
        LANDFALL_CLUSTER: layout.folder,
      },
    });
    child.unref();
    const id = child.pid === undefined ? undefined : identify(child.pid);
    if (id) return id;
  } finally {
    closeSync(log);
  }
  throw failure("LF4006", {
    what: "the supervisor cannot be started",
    why: `\`${command}\` does not run`,
    fix: "install util-linux",
  });
}
