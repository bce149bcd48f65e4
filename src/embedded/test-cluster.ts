/** What the system tests share: a home of its own, kubectl, and looking for what a cluster left behind. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { enterCommand } from "./enter.ts";
import { writePauseArchive } from "./launch/pause-archive.ts";
import { run, runOrFail } from "./machine/run.ts";
import { cgroupProcesses, hierarchies } from "./network/cgroup.ts";
import { findProgram } from "./packages.ts";
import type { ClusterState, EmbeddedSpec } from "./types.ts";

/** Why system tests cannot run here; undefined when they can. */
export function whySkipped(): string | undefined {
  if (process.platform !== "linux") return "they need Linux";
  if (process.getuid?.() !== 0) return "they need root";
  return findProgram("go") ? undefined : "they need Go to build the test pods' program";
}

/** A temporary LANDFALL_HOME that shares the real one's cache, so that nothing is built again. */
export function temporaryHome(): { home: string; remove: () => void } {
  const cache = join(process.env.LANDFALL_HOME || join(homedir(), ".landfall"), "cache");
  const before = process.env.LANDFALL_HOME;
  mkdirSync(cache, { recursive: true });
  const home = mkdtempSync(join(tmpdir(), "landfall-test-"));
  symlinkSync(cache, join(home, "cache"));
  process.env.LANDFALL_HOME = home;
  const remove = () => {
    if (before === undefined) delete process.env.LANDFALL_HOME;
    else process.env.LANDFALL_HOME = before;
    rmSync(home, { recursive: true, force: true });
  };
  return { home, remove };
}

/** A spec for tests: free ports, an etcd that does not wait for the disk. */
export function testSpec(name: string, mode: EmbeddedSpec["mode"] = "pods"): EmbeddedSpec {
  return { name, kubernetes: "1.36", mode, ports: { api: 0, http: 0, https: 0 }, unsafeNoFsync: true };
}

/** The image of the test pods; its entry point is `/pause`, whatever the program. */
export const testImage = "landfall.local/test-server:1";

/** Build the test pods' program and put its image into the cluster, past the registry. */
export async function importTestImage(state: ClusterState, folder: string): Promise<void> {
  const archive = join(folder, "test-server.tar");
  if (!existsSync(archive)) {
    const source = fileURLToPath(new URL("./testdata/server", import.meta.url));
    const program = join(folder, "test-server");
    const built = await run("go", ["build", "-C", source, "-trimpath", "-o", program, "."], {
      env: { ...process.env, CGO_ENABLED: "0" },
      timeoutMs: 300_000,
    });
    if (built.code !== 0) throw new Error(built.stderr);
    await writePauseArchive(program, testImage, archive);
  }
  const [command = "", ...args] = enterCommand(state, ["ctr", "-n", "k8s.io", "images", "import", archive]);
  await runOrFail(command, args);
}

/** Run kubectl as administrator through the forwarded port. Answers its stdout; throws when it fails. */
export async function kubectl(state: ClusterState, args: string[], input = ""): Promise<string> {
  const result = await run(state.binaries.kubectl ?? "", ["--kubeconfig", state.kubeconfig, ...args], {
    input,
    timeoutMs: 120_000,
  });
  if (result.code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

/** A Deployment of the test server with a NodePort Service in front. */
export function testServer(replicas: number): string {
  const labels = { app: "server" };
  const container = {
    name: "server",
    image: testImage,
    imagePullPolicy: "Never",
    readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
  };
  const items = [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "server" },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [container], terminationGracePeriodSeconds: 1 },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "server" },
      spec: { type: "NodePort", selector: labels, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] },
    },
  ];
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** The host's rules in all tables; equal before and after, or the cluster touched them. */
export async function hostRules(): Promise<string> {
  const result = await run("iptables-save", []);
  return result.stdout.replace(/^#.*$/gm, "").replace(/\[\d+:\d+\]/g, "");
}

function processesOf(folder: string): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`LANDFALL_CLUSTER=${folder}`);
    } catch {
      return false;
    }
  });
}

/** Everything a cluster that is down still has, each thing as a line; empty when it is gone entirely. */
export async function leftovers(state: ClusterState): Promise<string[]> {
  const links = await run("ip", ["-brief", "link"]);
  const spaces = await run("ip", ["netns"]);
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const { network, cgroup } = state;
  return [
    ...processesOf(state.folder).map((pid) => `process ${pid}`),
    ...mounts.filter((line) => line.includes(state.folder)).map((line) => `mount ${line}`),
    ...(cgroup ? cgroupProcesses(cgroup).map((pid) => `process ${pid} in ${cgroup}`) : []),
    ...hierarchies()
      .filter((folder) => cgroup && existsSync(join(folder, cgroup)))
      .map((folder) => `cgroup ${folder}${cgroup}`),
    ...(network && links.stdout.includes(network.hostInterface) ? [`link ${network.hostInterface}`] : []),
    ...(network && spaces.stdout.split(/\s/).includes(network.netns) ? [`netns ${network.netns}`] : []),
    ...(existsSync(state.folder) ? [`folder ${state.folder}`] : []),
    ...(existsSync(state.socket) ? [`socket ${state.socket}`] : []),
  ];
}
