import { readFileSync } from "node:fs";
import { failure } from "../util/errors.ts";
import { isAlive } from "./machine/process-id.ts";
import type { ClusterState } from "./types.ts";

/**
 * The command line that runs `command` where the cluster's own processes run: in its process, mount and
 * network namespaces (for `ctr`, `iptables` …). Needs root. LF4008 when the cluster does not run.
 */
export function enterCommand(state: ClusterState, command: string[]): string[] {
  if (state.mode === "simulated") return command;
  const root = state.root;
  const first =
    root && isAlive(root) ? readFileSync(`/proc/${root.pid}/task/${root.pid}/children`, "utf8").trim() : "";
  if (first === "") {
    throw failure("LF4008", {
      what: `the cluster ${state.spec.name} is not running`,
      fix: "run `landfall up`",
    });
  }
  const pid = first.split(" ")[0];
  const network = `--net=/run/netns/${state.network?.netns}`;
  return ["nsenter", "--target", `${pid}`, "--mount", "--pid", network, "--", ...command];
}
