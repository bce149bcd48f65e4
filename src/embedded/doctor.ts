import { statfsSync } from "node:fs";
import { release } from "node:os";
import { landfallHome } from "../util/home.ts";
import { goCommands } from "./binaries/go-toolchain.ts";
import { whyNoPods } from "./choose.ts";
import type { Check } from "./doctor-check.ts";
import { checkKernel } from "./doctor-kernel.ts";
import { capNetAdmin, capSysAdmin, capSysResource, lacksCapability } from "./machine/capabilities.ts";
import { freeSpace } from "./machine/disk.ts";
import { availableMemory } from "./machine/memory.ts";
import { portHolder } from "./machine/ports.ts";
import { run } from "./machine/run.ts";
import { cgroupMode } from "./network/cgroup.ts";
import { findProgram, installCommand, missingPackages, packageNeeds } from "./packages.ts";

const gib = 1024 ** 3;
const isRoot = () => process.getuid?.() === 0;

function check(id: string, title: string, state: Check["state"], found: string, fix?: string): Check {
  return { id, title, state, found, ...(fix && state !== "ok" ? { fix } : {}) };
}

function checkRights(): Check[] {
  const rights = [
    ["CAP_SYS_ADMIN", capSysAdmin],
    ["CAP_NET_ADMIN", capNetAdmin],
  ] as const;
  const lacking = rights.filter(([, bit]) => lacksCapability(bit)).map(([name]) => name);
  const note = lacksCapability(capSysResource) ? "; no CAP_SYS_RESOURCE (worked around)" : "";
  return [
    check(
      "root",
      "root",
      isRoot() ? "ok" : "warn",
      isRoot() ? "root" : "not root: pods would be simulated",
      "run as root for real pods",
    ),
    check(
      "capabilities",
      "capabilities",
      lacking.length === 0 ? "ok" : "warn",
      lacking.length === 0 ? `all needed${note}` : `lacking ${lacking.join(", ")}: pods would be simulated`,
      "give this container or user these capabilities",
    ),
  ];
}

async function version(program: string, args: string[]): Promise<string> {
  const path = findProgram(program);
  if (!path) return "";
  const result = await run(path, args, { timeoutMs: 5000 });
  return (result.stdout || result.stderr).trim().split("\n")[0] ?? "";
}

async function checkPackages(): Promise<Check[]> {
  const missing = new Set(missingPackages().map((need) => need.name));
  const args: Record<string, string[]> = { ip: ["-V"], "docker-registry": ["--version"] };
  return await Promise.all(
    packageNeeds.map(async (need) => {
      if (missing.has(need.name)) {
        const canInstall = isRoot() && findProgram("apt-get");
        const found = canInstall ? "missing; `up` installs it" : "missing: pods would be simulated";
        return check(need.name, need.name, "warn", `${found} (${need.why})`, installCommand([need]));
      }
      const found = need.program ? await version(need.program, args[need.program] ?? ["--version"]) : "there";
      return check(need.name, need.name, "ok", found || "there");
    }),
  );
}

function checkRoom(): Check[] {
  const home = landfallHome();
  const disk = freeSpace(home);
  const memory = availableMemory() ?? 0;
  const amount = (bytes: number) => `${(bytes / gib).toFixed(1)} GiB`;
  return [
    check(
      "disk",
      "disk",
      disk >= 6 * gib ? "ok" : disk >= gib ? "warn" : "fail",
      `${amount(disk)} free for ${home}`,
      "6 GiB are wanted: free some space or set LANDFALL_HOME",
    ),
    check(
      "memory",
      "memory",
      memory >= 3 * gib ? "ok" : "warn",
      `${amount(memory)} available`,
      "3 GiB are wanted: end other programs",
    ),
  ];
}

function checkPorts(ports: number[]): Check[] {
  return ports.map((port) => {
    const holder = portHolder(port);
    const who = holder?.pid === undefined ? "in use" : `held by process ${holder.pid} (${holder.command})`;
    return check(
      `port-${port}`,
      `port ${port}`,
      holder ? "warn" : "ok",
      holder ? who : "free",
      "end that process, or choose another port",
    );
  });
}

async function checkTools(): Promise<Check[]> {
  const goes = goCommands().map((command) => version(command, ["version"]));
  const [git, ...answers] = await Promise.all([version("git", ["--version"]), ...goes]);
  const go = answers.find(Boolean);
  const major = Number(process.versions.node.split(".")[0]);
  return [
    check(
      "node",
      "Node",
      major >= 24 ? "ok" : "fail",
      `v${process.versions.node}`,
      "run `npm install`: it brings Node 24",
    ),
    check("git", "git", git ? "ok" : "fail", git || "missing", "apt-get install git"),
    check(
      "go",
      "Go",
      go ? "ok" : "warn",
      go || "missing: programs that cannot be downloaded cannot be built",
      "install Go from https://go.dev/dl",
    ),
  ];
}

/** The first Go module proxy that is set up here, which is what a first `up` needs of the network. */
async function moduleProxy(): Promise<string | undefined> {
  let asked = process.env.GOPROXY;
  for (const command of goCommands())
    asked ||= (await run(command, ["env", "GOPROXY"]).catch(() => undefined))?.stdout.trim();
  return asked?.split(/[,|]/).find((proxy) => proxy.startsWith("http"));
}

/** Whether anything beyond this machine answers. Not knowing is a warning: a cluster with full caches needs none. */
async function checkNetwork(): Promise<Check> {
  const fix = "needed only for what is not cached yet; set GOPROXY or HTTPS_PROXY";
  const url = await moduleProxy();
  if (!url) return check("network", "network", "warn", "not asked: Go names no module proxy", fix);
  const answered = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(4000) }).then(
    () => true,
    () => false,
  );
  const found = answered ? "the Go module proxy answers" : "the Go module proxy does not answer";
  return check("network", "network", answered ? "ok" : "warn", found, fix);
}

function checkSystem(): Check[] {
  const linux = process.platform === "linux";
  const mode = cgroupMode();
  const pods = whyNoPods();
  const writable = linux && mode !== "none" && statfsSync("/sys/fs/cgroup").type > 0;
  return [
    check(
      "system",
      "system",
      linux ? "ok" : "warn",
      `${process.platform} ${release()}`,
      "the embedded cluster's pods need Linux",
    ),
    check("cgroups", "cgroups", writable ? "ok" : "warn", mode, "mount cgroups at /sys/fs/cgroup"),
    check("pods", "real pods", pods ? "warn" : "ok", pods ? `simulated: ${pods}` : "possible"),
  ];
}

/** Everything an embedded cluster depends on, each with what was found and how to mend it. */
export async function inspectMachine(options: { ports?: number[] } = {}): Promise<Check[]> {
  const [packages, tools, network, kernel] = await Promise.all([
    checkPackages(),
    checkTools(),
    checkNetwork(),
    checkKernel(),
  ]);
  const ports = checkPorts(options.ports ?? []);
  return [
    ...checkSystem(),
    ...checkRights(),
    ...tools,
    ...checkRoom(),
    ...kernel,
    ...packages,
    ...ports,
    network,
  ];
}
