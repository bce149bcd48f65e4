/**
 * Three real control planes on this machine, brought up by `landfall up` as anybody would. Beside each whose pods are
 * simulated are its own Flagger and its own Prometheus, as processes as Flux is; the first one may have real pods.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { type ClusterClient, connect } from "../../src/cluster/client.ts";
import { freePorts } from "../../src/cluster/testing/api-server.ts";
import { findBinary } from "../../src/embedded/binaries/find.ts";
import { landfallHome } from "../../src/util/home.ts";
import { type CompanyOptions, companyText, hostOf, serviceFolder } from "./company.ts";
import type { Started } from "./processes.ts";
import { type Ask, askCluster, askProcess } from "./prometheus.ts";
import { startTools } from "./tools.ts";
import { sendVisitors, type Visitors } from "./visitors.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** What Node is told to run landfall itself, without the program in between that looks for a newer Node. */
export const landfallArgs = ["--disable-warning=ExperimentalWarning", main];
const service = dirname(fileURLToPath(new URL("service/main.ts", import.meta.url)));

export interface LabCluster {
  name: string;
  client: ClusterClient;
  /** Asks its Prometheus. */
  ask: Ask;
  /** Processes of the cluster by name, with their numbers. */
  pids(): Promise<Map<string, number>>;
}

export interface Lab {
  /** The declaration's folder. */
  dir: string;
  env: Record<string, string>;
  /** The fleet's bare repository. */
  repo: string;
  clusters: Map<string, LabCluster>;
  /** Who visits the apps of the cluster with real pods, through its gateway. */
  visitors: Visitors | undefined;
  /** Run landfall on the declaration; resolves whatever the exit code is. */
  landfall(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Write the declaration anew. */
  declare(options: Omit<CompanyOptions, "ports" | "restOnly">): void;
  stop(): Promise<void>;
}

const names = ["one", "two", "three"];
const programs = ["kube-apiserver", "etcd", "kwok", "kustomize-controller", "flagger", "prometheus"];

/** Paths of what the lab runs; undefined when one of them is not in the cache. */
export async function labPrograms(): Promise<Map<string, string> | undefined> {
  try {
    const found = programs.map((name) => findBinary(name, { build: false, download: false }));
    const paths = (await Promise.all(found)).map(({ path }) => path);
    return new Map(programs.map((name, i) => [name, paths[i] ?? ""]));
  } catch {
    return undefined;
  }
}

/** What the lab's clusters share. */
interface Shared {
  base: string;
  home: string;
  programs: ReadonlyMap<string, string>;
  /** The cluster with real pods. */
  real: string | undefined;
}

/**
 * Bring it up; about a minute on two cores, two with `realPods`, which run in the first wave's cluster and need root.
 * Whatever fails, `stop` leaves nothing behind.
 */
export async function startLab(paths: ReadonlyMap<string, string>, { realPods = false } = {}): Promise<Lab> {
  const base = mkdtempSync(join(tmpdir(), "landfall-lab-"));
  const [dir, home] = [join(base, "company"), join(base, "home")];
  mkdirSync(dir);
  mkdirSync(home);
  symlinkSync(join(landfallHome(), "cache"), join(home, "cache"));
  const ports = await freePorts(names.length * 2);
  cpSync(service, join(dir, serviceFolder), { recursive: true });
  const declare = (options: Omit<CompanyOptions, "ports">) =>
    writeFileSync(join(dir, "landfall.config.yaml"), companyText({ ...options, ports }));
  const env = {
    ...{ PATH: process.env.PATH ?? "", HOME: base, LANDFALL_HOME: home },
    // As the program in between would do it.
    NODE_COMPILE_CACHE: join(home, "cache/node"),
  };
  const landfall: Lab["landfall"] = async (...args) => {
    const options = { cwd: dir, env, extendEnv: false, reject: false, timeout: 600_000 };
    const {
      exitCode = -1,
      stdout,
      stderr,
    } = await execa(process.execPath, [...landfallArgs, ...args], options);
    return { code: exitCode, stdout, stderr };
  };
  const started: Started[] = [];
  const clusters: Lab["clusters"] = new Map();
  const stop = async () => {
    await lab.visitors?.stop();
    await Promise.all(started.map((one) => one.stop()));
    for (const { client } of clusters.values()) client.close();
    await landfall("down", ".", "--yes");
    rmSync(base, { recursive: true, force: true });
  };
  const repo = join(home, "fleets", "lab.git");
  const lab: Lab = { dir, env, repo, clusters, visitors: undefined, landfall, declare, stop };
  const up = async (mode: "auto" | "simulated") => {
    const { code, stdout, stderr } = await landfall("up", ".", "--mode", mode, "--unsafe-no-fsync");
    if (code !== 0) throw new Error(`up failed: ${stdout}${stderr}`);
  };
  const shared: Shared = { base, home, programs: paths, real: realPods ? "one" : undefined };
  try {
    // What was made with simulated pods stays so; what comes later has real ones.
    declare({ restOnly: realPods });
    await up("simulated");
    if (realPods) {
      declare({});
      await up("auto");
      lab.visitors = sendVisitors(ports[0] ?? 0, ["web", "api"].map(hostOf), 20);
    }
    for (const name of names) clusters.set(name, await look(lab, name, started, shared));
    return lab;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A cluster that is up, and how to look at it. */
async function look(lab: Lab, name: string, started: Started[], place: Shared): Promise<LabCluster> {
  const { kubeconfig } = await embeddedStatus(lab, name);
  const client = connect({ kubeconfig });
  const pids = async () =>
    new Map((await embeddedStatus(lab, name)).processes.map((one) => [one.name, one.pid]));
  const tools = async () => {
    const dir = join(place.base, "tools", name);
    const { prometheusUrl } = await startTools(
      { ...place, dir, client, kubeconfig, embedded: `lab-${name}` },
      started,
    );
    return askProcess(prometheusUrl);
  };
  try {
    return { name, client, pids, ask: name === place.real ? askCluster(client) : await tools() };
  } catch (error) {
    client.close();
    throw error;
  }
}

interface EmbeddedStatus {
  kubeconfig: string;
  processes: { name: string; pid: number }[];
}

async function embeddedStatus({ landfall }: Pick<Lab, "landfall">, name: string): Promise<EmbeddedStatus> {
  const { stdout } = await landfall("status", ".", "--json");
  const { clusters } = JSON.parse(stdout) as { clusters: { name: string; embedded: EmbeddedStatus }[] };
  const found = clusters.find((one) => one.name === name);
  if (!found) throw new Error(`status does not know ${name}: ${stdout}`);
  return found.embedded;
}
