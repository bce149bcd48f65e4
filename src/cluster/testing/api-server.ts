/**
 * A real API server for tests: etcd and kube-apiserver on free loopback ports, everybody may do everything
 * unless RBAC is asked for.
 * It stops what it started, also when the test process ends early. No controllers run: what a test needs of
 * them (garbage collection, namespaces going away) it does not get here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "./programs.ts";

const portsOfWorker = 1_000;

export interface TestApiServer {
  url: string;
  /** Path of a kubeconfig of an administrator. */
  kubeconfig: string;
  /** Stop the API server alone, as in a crash; etcd keeps the data. */
  kill(): Promise<void>;
  /** Start it again after `kill`, at the same address. */
  restart(): Promise<void>;
  /** End both and remove their folder. */
  stop(): Promise<void>;
}

/** Whether this machine has what `startApiServer` needs. */
export function hasApiServer(): boolean {
  return findProgram("etcd") !== undefined && findProgram("kube-apiserver") !== undefined;
}

export interface ApiServerOptions {
  /** Ask RBAC what service accounts may do; without it everybody may do everything. @default false */
  rbac?: boolean;
}

/** Start etcd and kube-apiserver; resolves when `/readyz` answers (about 3 s on an idle machine). */
export async function startApiServer({ rbac = false }: ApiServerOptions = {}): Promise<TestApiServer> {
  const dir = mkdtempSync(join(tmpdir(), "landfall-api-"));
  const [client = 0, peer = 0, api = 0] = await freePorts(3);
  const running = new Map<string, ChildProcess>();
  const endAll = () => {
    for (const child of running.values()) child.kill("SIGKILL");
  };
  process.once("exit", endAll);
  const stop = async () => {
    await Promise.all([...running.values()].map(end));
    process.off("exit", endAll);
    rmSync(dir, { recursive: true, force: true });
  };
  const launch = (name: string, args: string[]) => running.set(name, start(dir, name, args));
  const launchApi = async () => {
    launch("kube-apiserver", apiArgs(dir, client, api, rbac));
    await ready(running.get("kube-apiserver") as ChildProcess, api, join(dir, "kube-apiserver.log"));
  };
  try {
    launch("etcd", etcdArgs(dir, client, peer));
    writeKeys(dir);
    await launchApi();
    const kubeconfig = writeKubeconfig(dir, api);
    const kill = () => end(running.get("kube-apiserver") as ChildProcess);
    return { url: `https://127.0.0.1:${api}`, kubeconfig, kill, restart: launchApi, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function etcdArgs(dir: string, client: number, peer: number): string[] {
  const clientUrl = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  return [
    `--data-dir=${join(dir, "etcd")}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

function apiArgs(dir: string, etcd: number, port: number, rbac: boolean): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${dir}`,
    `--authorization-mode=${rbac ? "RBAC" : "AlwaysAllow"}`,
    `--token-auth-file=${join(dir, "tokens.csv")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(dir, "sa.pem")}`,
    `--service-account-signing-key-file=${join(dir, "sa.pem")}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--disable-admission-plugins=ServiceAccount",
  ];
}

function writeKeys(dir: string): void {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(dir, "sa.pem"), privateKey.export({ type: "sec1", format: "pem" }));
  writeFileSync(join(dir, "tokens.csv"), 'test-token,admin,1,"system:masters"\n');
}

function writeKubeconfig(dir: string, port: number): string {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": readFileSync(join(dir, "apiserver.crt")).toString("base64"),
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "admin", user: { token: "test-token" } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  };
  const path = join(dir, "kubeconfig");
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

function start(dir: string, name: string, args: string[]): ChildProcess {
  const program = findProgram(name);
  if (!program) throw new Error(`no ${name}: set LANDFALL_TEST_BIN to the folder that has it`);
  const log = openSync(join(dir, `${name}.log`), "a");
  const child = spawn(program.path, args, { argv0: program.argv0, stdio: ["ignore", log, log], cwd: dir });
  closeSync(log);
  child.on("error", () => {});
  return child;
}

async function ready(child: ChildProcess, port: number, log: string): Promise<void> {
  for (const from = Date.now(); Date.now() - from < 60_000; await sleep(50)) {
    if (child.exitCode !== null) break;
    if (await answers(`https://127.0.0.1:${port}/readyz`)) return;
  }
  throw new Error(`kube-apiserver did not become ready:\n${readFileSync(log, "utf8").slice(-3000)}`);
}

function answers(url: string): Promise<boolean> {
  return new Promise((done) => {
    const headers = { Authorization: "Bearer test-token" };
    const request = get(
      url,
      { headers, rejectUnauthorized: false, agent: false, timeout: 2000 },
      (response) => {
        response.resume();
        done(response.statusCode === 200);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => done(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await gone;
}

// Each of vitest's workers has ports of its own, below those that the system hands out by itself: what is free here is
// taken by nobody else until the program that it is for listens.
const worker = Number(process.env.VITEST_POOL_ID ?? 0) % 10;
const firstPort = 20_000 + worker * portsOfWorker;
let nextPort = Math.floor(Math.random() * portsOfWorker);

/** Free ports on loopback, each of them given once. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count && tries < portsOfWorker; tries++) {
    const port = firstPort + (nextPort++ % portsOfWorker);
    if (await isFree(port)) ports.push(port);
  }
  if (ports.length < count) throw new Error(`no ${count} ports are free from ${firstPort} on`);
  return ports;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((done) => {
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}
