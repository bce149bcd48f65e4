import { accessSync, constants, existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { failure } from "../util/errors.ts";
import { run } from "./machine/run.ts";

/** A Debian package that mode pods needs, and the files that show it is there (any one of them). */
export interface PackageNeed {
  name: string;
  why: string;
  /** A program to be found, or absolute paths. */
  program?: string;
  paths?: string[];
}

/** Folders of the CNI plugins: Debian's first, then the upstream's. */
export const cniFolders = ["/usr/lib/cni", "/opt/cni/bin"];

/** What real pods need of the system. */
export const packageNeeds: PackageNeed[] = [
  { name: "containerd", why: "runs the containers", program: "containerd" },
  { name: "runc", why: "starts the containers", program: "runc" },
  {
    name: "containernetworking-plugins",
    why: "connects the pods",
    paths: cniFolders.map((folder) => join(folder, "ptp")),
  },
  { name: "iptables", why: "kube-proxy's rules inside the cluster's own network", program: "iptables" },
  { name: "conntrack", why: "kube-proxy's stale connections", program: "conntrack" },
  { name: "iproute2", why: "makes the cluster's network namespace", program: "ip" },
  { name: "util-linux", why: "enters namespaces", program: "nsenter" },
  { name: "docker-registry", why: "serves the images", program: "docker-registry" },
];

const systemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The absolute path of a program on PATH or in the system's folders (sbin is not on every user's PATH). */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...systemFolders];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Needed packages whose program or files are not there. */
export function missingPackages(needs = packageNeeds): PackageNeed[] {
  return needs.filter((need) =>
    need.program ? findProgram(need.program) === undefined : !need.paths?.some((path) => existsSync(path)),
  );
}

/** The command that a person would type. */
export function installCommand(needs: PackageNeed[]): string {
  return `apt-get install --no-install-recommends ${needs.map((need) => need.name).join(" ")}`;
}

const policyFile = "/usr/sbin/policy-rc.d";

/** Debian starts a daemon when it installs it; while this file says 101 it does not. A file of the user stays. */
async function withoutDaemonStarts<T>(work: () => Promise<T>): Promise<T> {
  const ours = !existsSync(policyFile);
  if (ours) writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    return await work();
  } finally {
    if (ours) rmSync(policyFile, { force: true });
  }
}

/** After the install each daemon would still start at the next boot; ours are started by the supervisor. */
async function disableUnits(installed: PackageNeed[]): Promise<void> {
  const units = installed
    .map((need) => need.name)
    .filter((name) => /^(containerd|docker-registry|redis-server)$/.test(name));
  if (units.length > 0 && findProgram("systemctl")) {
    await run("systemctl", ["disable", ...units.map((unit) => `${unit}.service`)]);
  }
}

/**
 * Install what is missing with apt. Needs root and apt: LF4003 names the exact command otherwise.
 * A containerd that the user runs already is not touched, since its package is not missing then.
 */
export async function installPackages(
  say: (line: string) => void,
  needs = packageNeeds,
): Promise<PackageNeed[]> {
  const missing = missingPackages(needs);
  if (missing.length === 0) return [];
  const names = missing.map((need) => need.name);
  const fix = `run as root: apt-get update && ${installCommand(missing)}`;
  if (process.getuid?.() !== 0 || !findProgram("apt-get")) {
    throw failure("LF4003", {
      what: `system packages are missing: ${names.join(", ")}`,
      why: findProgram("apt-get")
        ? "only root may install them"
        : "this system has no apt-get to install them with",
      fix,
    });
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, timeoutMs: 600_000 };
  say(`installing ${names.join(", ")}`);
  await run("apt-get", ["-qq", "update"], options);
  const args = ["-qq", "-y", "-o", "DPkg::Lock::Timeout=120", "install", "--no-install-recommends", ...names];
  const result = await withoutDaemonStarts(() => run("apt-get", args, options));
  if (result.code !== 0 || missingPackages(missing).length > 0) {
    throw failure("LF4003", {
      what: `system packages could not be installed: ${names.join(", ")}`,
      why: result.stderr.trim().split("\n").slice(-3).join("; ") || `apt-get ended with ${result.code}`,
      fix,
    });
  }
  await disableUnits(missing);
  return missing;
}
