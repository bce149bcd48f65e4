/**
 * Three real control planes on this machine with simulated pods, brought up by `landfall up` as anybody would, and
 * beside each its own Flagger and its own Prometheus, as processes as Flux is.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { type ClusterClient, connect } from "../../src/cluster/client.ts";
import { freePorts } from "../../src/cluster/testing/api-server.ts";
import { findBinary } from "../../src/embedded/binaries/find.ts";
import { landfallHome } from "../../src/util/home.ts";
import { type CompanyOptions, companyText } from "./company.ts";
import { type Started, startProcess } from "./processes.ts";
import { startPrometheus } from "./prometheus.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** What Node is told to run landfall itself, without the program in between that looks for a newer Node. */
export const landfallArgs = ["--disable-warning=ExperimentalWarning", main];
const exporter = fileURLToPath(new URL("exporter.ts", import.meta.url));

export interface LabCluster {
  name: string;
  client: ClusterClient;
  prometheusUrl: string;
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
  /** Run landfall on the declaration; resolves whatever the exit code is. */
  landfall(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Write the declaration anew. */
  declare(options: Omit<CompanyOptions, "ports">): void;
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

/** Bring it up; about a minute on two cores. Whatever fails, `stop` leaves nothing behind. */
export async function startLab(paths: ReadonlyMap<string, string>): Promise<Lab> {
  const base = mkdtempSync(join(tmpdir(), "landfall-lab-"));
  const [dir, home] = [join(base, "company"), join(base, "home")];
  mkdirSync(dir);
  mkdirSync(home);
  symlinkSync(join(landfallHome(), "cache"), join(home, "cache"));
  const ports = await freePorts(names.length * 2);
  const declare: Lab["declare"] = (options) =>
    writeFileSync(join(dir, "landfall.config.yaml"), companyText({ ...options, ports }));
  const env = { PATH: process.env.PATH ?? "", HOME: base, LANDFALL_HOME: home };
  const landfall: Lab["landfall"] = async (...args) => {
    const options = { cwd: dir, env, extendEnv: false, reject: false, timeout: 240_000 };
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
    await Promise.all(started.map((one) => one.stop()));
    for (const { client } of clusters.values()) client.close();
    await landfall("down", ".", "--yes");
    rmSync(base, { recursive: true, force: true });
  };
  const lab = { dir, env, repo: join(home, "fleets", "lab.git"), clusters, landfall, declare, stop };
  try {
    declare({});
    const up = await landfall("up", ".", "--mode", "simulated", "--unsafe-no-fsync");
    if (up.code !== 0) throw new Error(`up failed: ${up.stderr}`);
    for (const name of names) clusters.set(name, await addTools(lab, name, { base, paths, started }));
    return lab;
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Tools {
  base: string;
  paths: ReadonlyMap<string, string>;
  started: Started[];
}

/** An exporter, a Prometheus and a Flagger beside a cluster. */
async function addTools(lab: Lab, name: string, { base, paths, started }: Tools): Promise<LabCluster> {
  const status = () => embeddedStatus(lab, name);
  const { kubeconfig } = await status();
  const client = connect({ kubeconfig });
  const [exporterPort = 0, prometheusPort = 0, flaggerPort = 0] = await freePorts(3);
  const place = (tool: string) => join(base, "tools", name, tool);
  const [exporterUrl, prometheusUrl] = [exporterPort, prometheusPort].map(
    (port) => `http://127.0.0.1:${port}`,
  );
  const args = ["--disable-warning=ExperimentalWarning", exporter, kubeconfig, `${exporterPort}`, "50"];
  started.push(await startProcess(place("exporter"), { command: process.execPath, args }));
  started.push(
    await startPrometheus({
      program: paths.get("prometheus") ?? "",
      dir: place("prometheus"),
      client,
      kubeconfig,
      port: prometheusPort,
      exporterUrl: exporterUrl ?? "",
    }),
  );
  started.push(
    await startFlagger(
      place("flagger"),
      paths.get("flagger") ?? "",
      kubeconfig,
      flaggerPort,
      prometheusUrl ?? "",
    ),
  );
  const pids = async () => new Map((await status()).processes.map((one) => [one.name, one.pid]));
  return { name, client, prometheusUrl: prometheusUrl ?? "", pids };
}

/**
 * Flagger asks for metrics at the address that its templates have, a Service's. The Prometheus beside it takes such a
 * request as it is when it comes by way of a proxy's address.
 */
function startFlagger(dir: string, command: string, kubeconfig: string, port: number, prometheusUrl: string) {
  const args = [
    `-kubeconfig=${kubeconfig}`,
    "-mesh-provider=gatewayapi:v1",
    "-metrics-server=http://prometheus.prometheus.svc.cluster.local:9090",
    `-port=${port}`,
    "-control-loop-interval=1s",
    "-enable-leader-election=false",
    "-include-label-prefix=app.kubernetes.io/,landfall.dev/",
  ];
  const healthUrl = `http://127.0.0.1:${port}/healthz`;
  return startProcess(dir, { command, args, env: { HTTP_PROXY: prometheusUrl }, healthUrl });
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
