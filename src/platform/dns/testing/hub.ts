/** The engine of a hub as a process: by the files and with the rights that are emitted for it, no others. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { program, run } from "../../../cli/testing/landfall.ts";
import type { ClusterClient } from "../../../cluster/client.ts";
import type { TestApiServer } from "../../../cluster/testing/api-server.ts";
import { compiled } from "../../../compile/testing/declare.ts";
import { theOne } from "../../../kit/testing/render-part.ts";
import type { KubernetesObject } from "../../../schema/object.ts";
import { type GitHost, startGitHost } from "../../testing/git-host.ts";
import { type Background, inBackground, runFolder } from "./background.ts";
import type { TestCluster } from "./cluster.ts";

const main = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));
const part = "release-engine";
const token = "s3cret";

export interface HubProcess {
  git: GitHost;
  /** Build a declaration and commit its fleet. */
  commit(declaration: string): Promise<void>;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Whether the Git host lets the engine in. */
  letIn(does: boolean): void;
  /** What the running one said. */
  log(): string;
  stop(): Promise<void>;
}

/** Of a declaration's clusters the first is the hub; the second it reaches by the Secret of kubeconfigs. */
export async function hubProcess(
  declaration: string,
  clusters: [[string, TestCluster], [string, TestCluster]],
): Promise<HubProcess> {
  const plan = await compiled({ "landfall.config.yaml": declaration });
  const [[hub, own], [otherName, other]] = clusters;
  const objectsOn = (name: string) =>
    plan.clusters
      .find((cluster) => cluster.name === name)
      ?.bundles.find(({ name: bundle }) => bundle === `part-${part}`)?.objects ?? [];
  const ownToken = await accountOn(own.client, objectsOn(hub));
  const otherToken = await accountOn(other.client, objectsOn(otherName));

  const folder = runFolder("hub");
  const home = join(folder, "home");
  mkdirSync(home);
  const git = await startGitHost(token);
  const rule = `[url "${git.url}/"]\n  insteadOf = https://git.example.com/\n[user]\n  name = ada\n  email = ada@example.com\n`;
  writeFileSync(join(home, ".gitconfig"), rule);
  const settings = theOne(objectsOn(hub), "ConfigMap").data as Record<string, string>;
  for (const [name, text] of Object.entries(settings))
    writeFileSync(join(folder, name), ledTo(folder, own.server, text), { mode: 0o755 });
  const files = { token: ownToken, username: "landfall", password: token };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "ca.crt"), Buffer.from(caOf(own.server), "base64"));
  writeFileSync(join(folder, "kubeconfig"), kubeconfigOf(otherName, other.server, otherToken));

  const env = {
    ...{ HOME: home, LANDFALL_HOME: join(home, ".landfall"), GIT_ASKPASS: join(folder, "askpass") },
    PATH: process.env.PATH ?? "",
  };
  let running: Background | undefined;
  const kill = async () => {
    await running?.stop();
    running = undefined;
  };
  return {
    git,
    commit: async (text) => {
      writeFileSync(join(folder, "landfall.config.yaml"), text);
      const options = { cwd: folder, env };
      const { code, stderr } = await run(process.execPath, [program, "build", "--commit"], options);
      if (code !== 0) throw new Error(stderr);
    },
    start: async () => {
      // As the image starts it: one process, so that killing it kills it.
      const entry = ["--disable-warning=ExperimentalWarning", main];
      const args = [...entry, "release", "run", "--json", "--hub", join(folder, "hub.json")];
      const command = { path: process.execPath, args, env, dir: runFolder("hub-process") };
      running = await inBackground(command, async () => true);
    },
    kill,
    letIn: (does) => writeFileSync(join(folder, "password"), does ? token : "wrong"),
    log: () => running?.log() ?? "",
    stop: async () => {
      await kill();
      await git.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Make the service account with its rights; its token. */
async function accountOn(client: ClusterClient, objects: readonly KubernetesObject[]): Promise<string> {
  const rights = objects.filter(({ kind }) => /Role|ServiceAccount/.test(kind));
  for (const name of new Set(rights.map(({ metadata }) => metadata.namespace ?? part)))
    await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const object of rights) await client.apply(object);
  const path = `/api/v1/namespaces/${part}/serviceaccounts/${part}/token`;
  const body = {
    ...{ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" },
    spec: { expirationSeconds: 3600 },
  };
  return (JSON.parse((await client.raw(path, { body })).text) as { status: { token: string } }).status.token;
}

/** The text of a pod's file, with the paths of the pod led to a folder. */
function ledTo(folder: string, server: TestApiServer, text: string): string {
  const here: [string, string][] = [
    ...["/etc/landfall", "/etc/fleet", "/etc/clusters", "/var/run/secrets/kubernetes.io/serviceaccount"].map(
      (path): [string, string] => [path, folder],
    ),
    ["https://kubernetes.default.svc", server.url],
    ["/usr/local/bin/node", process.execPath],
    ['"port": 8080', '"port": 0'],
  ];
  return here.reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

function caOf(server: TestApiServer): string {
  const config = JSON.parse(readFileSync(server.kubeconfig, "utf8"));
  return config.clusters[0].cluster["certificate-authority-data"];
}

function kubeconfigOf(name: string, server: TestApiServer, token: string): string {
  const cluster = { server: server.url, "certificate-authority-data": caOf(server) };
  const context = { name, context: { cluster: name, user: name } };
  return JSON.stringify({
    ...{ clusters: [{ name, cluster }], users: [{ name, user: { token } }], contexts: [context] },
    "current-context": name,
  });
}
