import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "../util/errors.ts";
import { cniFolders, findProgram } from "./packages.ts";
import type { EmbeddedSpec, Mode } from "./types.ts";

const controlPlane = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"];

/** Programs that landfall finds or builds, by mode. */
export const ownPrograms: Record<Mode, string[]> = {
  pods: [...controlPlane, "kubelet", "kube-proxy", "pause"],
  simulated: [...controlPlane, "kwok"],
};

/** Programs that come from the system's packages, by mode. */
const systemPrograms: Record<Mode, string[]> = {
  pods: ["containerd", "ctr", "runc", "iptables", "conntrack", "docker-registry"],
  simulated: [],
};

function systemPath(name: string): string {
  const path = findProgram(name);
  if (path) return path;
  throw failure("LF5002", {
    what: `the program ${name} cannot be found`,
    fix: "install its package; see `landfall doctor`",
  });
}

/** The absolute path of every program of a cluster; the user's own paths first, and they must exist. */
export async function resolvePrograms(
  spec: EmbeddedSpec,
  mode: Mode,
  options: { onProgress?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<Record<string, string>> {
  const named = spec.binaries ?? {};
  for (const [name, path] of Object.entries(named).filter(([, p]) => !existsSync(p))) {
    throw failure("LF5002", {
      what: `the program ${name} is not at ${path}`,
      fix: "correct the path, or leave it out",
    });
  }
  const found: Record<string, string> = { ...named };
  for (const name of systemPrograms[mode]) found[name] ??= systemPath(name);
  const missing = ownPrograms[mode].filter((name) => found[name] === undefined);
  if (missing.length > 0) {
    // Most starts of a known cluster need nothing of the builder, so it is loaded only here.
    const { findBinary } = await import("./binaries/find.ts");
    for (const name of missing) found[name] = (await findBinary(name, options)).path;
  }
  if (mode === "pods") {
    const folder = cniFolders.find((one) => existsSync(`${one}/ptp`));
    found.cni ??= folder ?? dirname(systemPath("ptp"));
  }
  return found;
}
