/** What the system tests of delivery share: a fleet repo, a supervisor's context, a controller as host process. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterClient } from "../../../cluster/client.ts";
import { refusedWith } from "../../../cluster/errors.ts";
import type { Program } from "../../../cluster/testing/programs.ts";
import { commitTree } from "../../../emit/git/commit.ts";
import { openFleet } from "../../../emit/git/fleet.ts";
import { crdBundle } from "../../../schema/pack.ts";
import type { ServiceContext } from "../../supervisor/service.ts";
import { type FleetPublisher, fleetPublisher } from "../publisher.ts";

export interface TestFleet {
  dir: string;
  repo: string;
  /** Commit apps (name → data of its one ConfigMap) with the root that names them; returns the commit. */
  write(apps: Record<string, string>, more?: Record<string, string>): Promise<string>;
}

const author = { name: "landfall", email: "landfall@localhost" };

/** A fleet repo in a folder of its own, laid out as landfall's emitter does. */
export async function makeFleet(): Promise<TestFleet> {
  const dir = mkdtempSync(join(tmpdir(), "landfall-fleet-"));
  const { repo } = await openFleet(join(dir, "fleet.git"));
  const write: TestFleet["write"] = async (apps, more = {}) => {
    const files = new Map(Object.entries(fleetFiles(apps)));
    for (const [path, text] of Object.entries(more)) files.set(path, text);
    return (await commitTree({ repo, files, message: "test", author })).commit;
  };
  return { dir, repo, write };
}

/** The files of a fleet with one cluster named `local`. */
export function fleetFiles(apps: Record<string, string>): Record<string, string> {
  const files: Record<string, string> = { "clusters/local/root/readme.txt": "root\n" };
  const artifacts = [{ name: "cluster", path: "clusters/local/root" }];
  for (const [name, data] of Object.entries(apps)) {
    const path = `apps/${name}/base`;
    artifacts.push({ name: `app-${name}`, path });
    const map = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: "default" },
      data: { data },
    };
    files[`${path}/configmap.yaml`] = JSON.stringify(map);
    files[`clusters/local/root/${name}.yaml`] = JSON.stringify(kustomization(`app-${name}`));
  }
  files["clusters/local/artifacts.json"] = JSON.stringify({ artifacts });
  return files;
}

/** A Flux Kustomization that applies all of one ExternalArtifact. */
export function kustomization(name: string) {
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name, namespace: "flux-system" },
    spec: { interval: "10m", prune: true, path: "./", sourceRef: { kind: "ExternalArtifact", name } },
  };
}

/** Flux's CRDs and namespace, served when this resolves. */
export async function installFlux(client: ClusterClient): Promise<void> {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "flux-system" } };
  await client.apply(namespace);
  for (const crd of crdBundle("flux")) await client.apply(crd);
  for (const kind of ["ExternalArtifact", "Kustomization"]) {
    const group = kind === "Kustomization" ? "kustomize" : "source";
    const gvk = { apiVersion: `${group}.toolkit.fluxcd.io/v1`, kind };
    while ((await client.list(gvk).then(() => 200, refusedWith)) === 404)
      await new Promise((r) => setTimeout(r, 50));
  }
}

export interface RunningPublisher {
  service: FleetPublisher;
  lines: string[];
  stop(): Promise<void>;
}

/** The publisher as the supervisor runs it, for one of the fleet's clusters. */
export async function runPublisher(
  fleet: Pick<TestFleet, "dir" | "repo">,
  kubeconfig: string,
  cluster = "local",
): Promise<RunningPublisher> {
  const folder = join(fleet.dir, "published", cluster);
  mkdirSync(folder, { recursive: true });
  const abort = new AbortController();
  const lines: string[] = [];
  const cx = {
    cluster: { folder } as ServiceContext["cluster"],
    nodeIp: "127.0.0.1",
    hostIp: "127.0.0.1",
    kubeconfig,
    log: (line: string) => void lines.push(line),
    signal: abort.signal,
    waitReady: async () => {},
  };
  const service = fleetPublisher({ repo: fleet.repo, cluster });
  await service.start(cx);
  return { service, lines, stop: () => service.stop() };
}

export interface RunningController {
  stop(): Promise<void>;
}

/** kustomize-controller as a process of the host, reading ExternalArtifacts. */
export function runKustomizeController(
  program: Program,
  kubeconfig: string,
  ports: number[],
): RunningController {
  const dir = mkdtempSync(join(tmpdir(), "landfall-kustomize-"));
  const args = [
    "--feature-gates=ExternalArtifact=true,CancelHealthCheckOnNewRevision=true",
    `--metrics-addr=127.0.0.1:${ports[0]}`,
    `--health-addr=127.0.0.1:${ports[1]}`,
    "--interval-jitter-percentage=0",
    "--requeue-dependency=1s",
    "--concurrent=10",
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
  ];
  const log = openSync(join(dir, "log"), "a");
  const env = { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: "flux-system", TMPDIR: dir, HOME: dir };
  const child: ChildProcess = spawn(program.path, args, { env, stdio: ["ignore", log, log] });
  closeSync(log);
  const endNow = () => child.kill("SIGKILL");
  process.once("exit", endNow);
  const stop = async () => {
    process.off("exit", endNow);
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((done) => child.once("exit", done));
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
  };
  return { stop };
}
