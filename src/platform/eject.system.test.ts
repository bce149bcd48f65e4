/**
 * The ejected folder alone brings a cluster up: the README's own commands, the real kubectl, sops and
 * kustomize-controller on a real API server, and nothing of landfall.
 */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { type ClusterClient, connect } from "../cluster/client.ts";
import {
  freePorts,
  hasApiServer,
  startApiServer,
  type TestApiServer,
} from "../cluster/testing/api-server.ts";
import { findProgram } from "../cluster/testing/programs.ts";
import { findBinary } from "../embedded/binaries/find.ts";
import { type RunningController, runKustomizeController } from "../embedded/delivery/testing/fleet.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { runGitSources } from "./testing/git-sources.ts";

const declaration = `landfall: 2
company: acme
fleet: { url: "https://git.example.com/acme/fleet.git", secret: fleet-credentials }
clusters: { eu: { type: kubernetes, context: eu }, home: { type: local } }
parts: { flux: {}, gateway-api: {}, traefik: {} }
secrets: { token: { generate: 32 } }
apps:
  api: { image: "api:1", ports: { grpc: 50051 }, env: { TOKEN: { secret: token } } }
  web:
    image: web:1
    ports: { http: 8080 }
    calls: [api]
    after: [api]
    config: { app.json: { theme: dark } }
    expose: [{ host: web.localhost }]
`;
const kubectl = findProgram("kubectl");
const controller = findProgram("kustomize-controller");
const landfall = fileURLToPath(new URL("../../bin/landfall.js", import.meta.url));

describe.skipIf(!hasApiServer() || !kubectl || !controller)("an ejected fleet", { timeout: 240_000 }, () => {
  const base = mkdtempSync(join(tmpdir(), "landfall-eject-"));
  const home = join(base, "home");
  const folder = join(base, "ejected");
  const identity = join(home, "keys/acme.agekey");
  const running: (() => unknown)[] = [];
  let server: TestApiServer;
  let client: ClusterClient;

  beforeAll(async () => {
    mkdirSync(join(base, "acme"));
    writeFileSync(join(base, "acme/landfall.config.yaml"), declaration);
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [landfall, ...args], {
        cwd: join(base, "acme"),
        env: { PATH: process.env.PATH, HOME: base, LANDFALL_HOME: home },
        stdio: ["ignore", "ignore", "inherit"],
      });
    run("build");
    run("eject", "--out", folder);
    mkdirSync(join(base, "bin"));
    program("kubectl", kubectl?.path ?? "");
    program("sops", (await findBinary("sops")).path);
  });
  const program = (name: string, path: string) =>
    writeFileSync(join(base, "bin", name), `#!/bin/bash\nexec -a ${name} ${path} "$@"\n`, { mode: 0o755 });
  afterEach(async () => {
    for (const end of running.splice(0).reverse()) await end();
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  async function startServer(): Promise<void> {
    server = await startApiServer();
    running.push(() => server.stop());
    client = connect({ kubeconfig: server.kubeconfig });
    running.push(() => client.close());
  }

  /** The commands of the README's block that has this text in it, as a person would fill it in and run it. */
  function follow(marker: string): void {
    const blocks = readFileSync(join(folder, "README.md"), "utf8").match(/(?:^ {4}.*\n)+/gm) ?? [];
    const block = blocks.find((text) => text.includes(marker)) ?? "";
    expect(block).not.toBe("");
    const script = block.replace(/^ {4}/gm, "").replaceAll("=IDENTITY", `=${identity}`);
    const path = `${join(base, "bin")}:/usr/bin:/bin`;
    const env = { PATH: path, HOME: base, KUBECONFIG: server.kubeconfig, SOPS_AGE_KEY_FILE: identity };
    execFileSync("bash", ["-euo", "pipefail", "-c", script], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Everything the folder has for a cluster, but what is encrypted. */
  function objectsFor(cluster: string): KubernetesObject[] {
    const paths = readFileSync(join(folder, `clusters/${cluster}/order.txt`), "utf8")
      .trim()
      .split("\n");
    const files = paths.flatMap((path) => filesIn(join(folder, path)));
    return [...files, join(folder, `clusters/${cluster}/root/namespaces.yaml`)].flatMap(documentsIn);
  }
  const filesIn = (path: string) =>
    statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const documentsIn = (path: string) =>
    parseAllDocuments(readFileSync(path, "utf8")).map((document) => document.toJS() as KubernetesObject);

  async function absent(cluster: string): Promise<string[]> {
    const objects = objectsFor(cluster);
    expect(objects.length).toBeGreaterThan(40);
    const missing = objects.map(async (object) => {
      const { name, namespace } = object.metadata;
      const live = await client.get(object, name, namespace).catch(() => undefined);
      return live ? [] : [`${object.kind} ${namespace}/${name}`];
    });
    return (await Promise.all(missing)).flat();
  }

  async function secretValue(): Promise<string> {
    const secrets = await client.list({ apiVersion: "v1", kind: "Secret" }, { namespace: "acme" });
    const { data } = (secrets[0] ?? {}) as { data?: { value: string } };
    return Buffer.from(data?.value ?? "", "base64").toString();
  }

  test("is what build wrote, to the byte, and a few files beside", () => {
    const list = (path: string) =>
      readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
    const built = join(base, "acme/fleet");
    const own = ["README.md", ".landfall-files.json"];
    const same = list(built).filter((path) => !own.includes(path));
    expect(same.length).toBeGreaterThan(30);
    for (const path of same)
      expect(readFileSync(join(folder, path)).equals(readFileSync(join(built, path))), path).toBe(true);
    const added = list(folder).filter((path) => !own.includes(path) && !existsSync(join(built, path)));
    expect(added.sort()).toEqual([
      ".sops.yaml",
      "clusters/eu/order.txt",
      "clusters/home/order.txt",
      "git/home/controllers.yaml",
      "git/home/fleet.yaml",
      "git/home/kustomization.yaml",
    ]);
  });

  test("needs no Flux: kubectl and sops apply it in the order of the list", async () => {
    await startServer();
    follow("clusters/eu/order.txt");
    expect(await absent("eu")).toEqual([]);
    expect(await secretValue()).toHaveLength(32);
  });

  test.each([
    ["home", "which landfall handed the commits to"],
    ["eu", "which read the Git host before"],
  ])("brings %s up, %s, with Flux alone", async (cluster) => {
    await startServer();
    follow(`clusters/${cluster}/bootstrap/namespace.yaml`);
    const started: RunningController = runKustomizeController(
      controller as NonNullable<typeof controller>,
      server.kubeconfig,
      await freePorts(2),
    );
    running.push(() => started.stop());
    const sources = await runGitSources(client, folder);
    running.push(() => sources.stop());
    await expect.poll(() => absent(cluster), { timeout: 90_000, interval: 500 }).toEqual([]);
    await expect.poll(secretValue, { timeout: 60_000 }).toHaveLength(32);
    await expect.poll(unready, { timeout: 120_000, interval: 500 }).toEqual([]);
    if (cluster === "home") await editAsTheReadmeSays();
  });

  async function unready(): Promise<string[]> {
    const all = await client.list({ apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" });
    expect(all.length).toBeGreaterThan(5);
    const conditions = (object: KubernetesObject) =>
      (object.status as { conditions?: { type: string; status: string; message: string }[] })?.conditions ??
      [];
    return all
      .map((object) => ({
        name: object.metadata.name,
        ready: conditions(object).find((c) => c.type === "Ready"),
      }))
      .filter(({ ready }) => ready?.status !== "True")
      .map(({ name, ready }) => `${name}: ${ready?.message}`);
  }

  /** A new image in an app's file is all that a new version needs. */
  async function editAsTheReadmeSays(): Promise<void> {
    const [file = ""] = execFileSync("grep", ["-rl", "image: web:1", join(folder, "apps")], {
      encoding: "utf8",
    }).split("\n");
    writeFileSync(file, readFileSync(file, "utf8").replace("image: web:1", "image: web:2"));
    const image = async () => {
      const live = await client.get({ apiVersion: "apps/v1", kind: "Deployment" }, "web", "acme");
      const { template } = (live as KubernetesObject).spec as {
        template: { spec: { containers: { image: string }[] } };
      };
      return template.spec.containers[0]?.image;
    };
    await expect.poll(image, { timeout: 60_000, interval: 500 }).toBe("web:2");
  }
});
