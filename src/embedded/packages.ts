import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { failure } from "../util/errors.ts";
import { withoutDaemonStarts } from "./daemon-starts.ts";
import { type RunResult, run as runCommand } from "./machine/run.ts";

/** A Debian package that mode pods needs, and the files that show it is there (any one of them). */
export interface PackageNeed {
  name: string;
  why: string;
  /** A program to be found, or absolute paths. */
  program?: string;
  paths?: string[];
  /** The systemd unit, without `.service`, that the package would start at every boot. */
  daemon?: string;
}

/** How short commands are run; tests put their own in. */
export type Runner = (
  command: string,
  args: string[],
  options?: { timeoutMs?: number; env?: NodeJS.ProcessEnv },
) => Promise<RunResult>;

/** Folders of the CNI plugins: Debian's first, then the upstream's. */
export const cniFolders = ["/usr/lib/cni", "/opt/cni/bin"];

/** What real pods need of the system. */
export const packageNeeds: PackageNeed[] = [
  { name: "containerd", why: "runs the containers", program: "containerd", daemon: "containerd" },
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
  {
    name: "docker-registry",
    why: "serves the images",
    program: "docker-registry",
    daemon: "docker-registry",
  },
];

const systemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/**
 * The absolute path of a program on PATH or in the system's folders (sbin is not on every user's PATH), or of one that is
 * named by its absolute path.
 */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...systemFolders];
  return (isAbsolute(name) ? ["/"] : folders)
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

/** After the install each daemon would still start at the next boot; ours are started by the supervisor. */
export async function disableDaemons(
  installed: PackageNeed[],
  say: (line: string) => void,
  run: Runner = runCommand,
): Promise<void> {
  const units = installed.flatMap(({ daemon }) => (daemon ? [`${daemon}.service`] : []));
  if (units.length === 0) return;
  const { code, stderr } = await run("systemctl", ["disable", ...units]);
  if (code === 0) return;
  const why = stderr.trim().split("\n").at(-1) || `systemctl ended with ${code}`;
  say(`warning: ${units.join(", ")} may start at the next boot: ${why}`);
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
  await runCommand("apt-get", ["-qq", "update"], options);
  const args = ["-qq", "-y", "-o", "DPkg::Lock::Timeout=120", "install", "--no-install-recommends", ...names];
  const result = await withoutDaemonStarts(() => runCommand("apt-get", args, options));
  if (result.code !== 0 || missingPackages(missing).length > 0) {
    throw failure("LF4003", {
      what: `system packages could not be installed: ${names.join(", ")}`,
      why: result.stderr.trim().split("\n").slice(-3).join("; ") || `apt-get ended with ${result.code}`,
      fix,
    });
  }
  if (findProgram("systemctl")) await disableDaemons(missing, say);
  return missing;
}
