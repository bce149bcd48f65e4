import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ImageRecipe, programsOf } from "../../kit/image.ts";
import { loadTester } from "../../parts/load-tester/part.ts";
import { releaseEngine } from "../../parts/release-engine/part.ts";
import { listSource } from "../../util/source-tree.ts";
import { findBinary } from "../binaries/find.ts";
import { exportArchive } from "./archive.ts";
import { ensureImage } from "./ensure.ts";
import { mirrorHosts } from "./mirrors.ts";
import { pauseImage, pauseReference } from "./pause-image.ts";
import { hasManifest } from "./push.ts";
import { registryProcess } from "./registry.ts";
import { copySource } from "./source-copy.ts";
import { programs, type TestHome, testHome, writeTree } from "./test-home.ts";

/** Why this machine cannot run containers; undefined when it can. */
function missing(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  const absent = ["containerd", "ctr", "runc", "docker-registry"].filter(
    (name) => !["/usr/bin", "/usr/sbin"].some((folder) => existsSync(join(folder, name))),
  );
  return absent.length > 0 ? `${absent.join(", ")} not installed` : undefined;
}

const reason = missing();
if (reason) process.stderr.write(`images.system.test.ts is skipped: ${reason}\n`);

const debian = (name: string, version: string, program = name): ImageRecipe => ({
  kind: "debian",
  packages: [name],
  entrypoint: [program],
  version,
});

describe.skipIf(reason !== undefined)("a real containerd", () => {
  const started: ChildProcess[] = [];
  let home: TestHome;
  let root: string;
  let url: string;
  const inHome = (...path: string[]) => join(home.folder, ...path);
  const ctr = (...args: string[]) =>
    execFileSync("ctr", ["-a", inHome("c.sock"), "-n", "k8s.io", ...args], { encoding: "utf8" });

  const tester = loadTester.definition.images?.loadTester;
  const found = new Map<string, string>();

  beforeAll(async () => {
    // Those that are built already, which the home of the tests has not.
    for (const name of programsOf(tester?.recipe)) found.set(name, (await findBinary(name)).path);
    home = testHome();
    root = inHome("source");
    writeTree(root, programs);
    execFileSync("npm", ["install", "--package-lock-only", "--silent"], { cwd: join(root, "node") });
    const registry = registryProcess({
      storage: inHome("registry"),
      address: "127.0.0.1",
      port: await freePort(),
    });
    url = registry.url;
    writeFileSync(inHome("config.toml"), containerdConfig(home.folder));
    start(registry.command, registry.args);
    start("containerd", ["--config", inHome("config.toml")]);
    await until(() => fetch(registry.health).then((answer) => answer.ok));
    await until(async () => ctr("version").includes("Server"));
  }, 180_000);

  function start(command: string, args: string[]): void {
    const log = openSync(inHome(`${command}.log`), "w");
    started.push(spawn(command, args, { stdio: ["ignore", log, log] }));
  }

  afterAll(async () => {
    for (const child of started) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await Promise.race([ended, sleep(10_000)]);
    }
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain(home.folder);
    home.remove();
  }, 60_000);

  /** Make the image, serve it, and pull it under its upstream name. */
  async function have(ref: string, recipe: ImageRecipe) {
    const findProgram = async (name: string) => ({ path: found.get(name) ?? "" });
    const ensured = await ensureImage({ ref, recipe }, { registryUrl: url, findProgram });
    mirrorHosts({ folder: inHome("certs.d"), registryUrl: url, references: [ref] });
    ctr("images", "pull", "--hosts-dir", inHome("certs.d"), ref);
    expect(ctr("images", "ls", `name==${ref}`)).toContain(ensured.digest);
    return ensured;
  }

  /** What a container of an image says; without a command it is the image's own. */
  function said(ref: string, command: string[] = [], flags: string[] = []): string {
    const id = `landfall-images-${process.pid}-${Math.random().toString(36).slice(2)}`;
    return ctr("run", "--rm", ...flags, ref, id, ...command);
  }

  async function runOnce(ref: string, recipe: ImageRecipe, command?: string[]): Promise<string> {
    await have(ref, recipe);
    return said(ref, command);
  }

  test.each([
    ["go", "go 65532 true <nil>"],
    ["node", "node: 65532\nwords: shared words"],
    ["python", "python 65532 shared words True True"],
  ] as const)(
    "runs an app written in %s, by its default command",
    async (language, output) => {
      const recipe: ImageRecipe = { kind: "source", language, path: language, shared: ["proto"], root };
      expect((await runOnce(`images.landfall.local/shop/${language}:1`, recipe)).trim()).toBe(output);
    },
    300_000,
  );

  test.each([
    ["docker.io/library/redis:7.0.15", "redis-server", "Redis server v=7.0"],
    ["quay.io/prometheus/prometheus:v2.42.0", "prometheus", "prometheus, version 2.42"],
    ["quay.io/prometheus/alertmanager:v0.25.0", "prometheus-alertmanager", "alertmanager, version 0.25"],
    ["quay.io/prometheus/node-exporter:v1.5.0", "prometheus-node-exporter", "node_exporter, version 1.5"],
  ])(
    "runs %s made of Debian packages",
    async (ref, name, output) => {
      expect(await runOnce(ref, debian(name, "0"), [`/usr/bin/${name}`, "--version"])).toContain(output);
    },
    300_000,
  );

  test("runs shell commands in busybox", async () => {
    const script = "id -u; ls -ld /tmp | cut -c1-10; mkdir -p /tmp/a/b && rm -r /tmp/a && echo done";
    const output = await runOnce(
      "docker.io/library/busybox:1.35.0",
      debian("busybox-static", "1.35.0", "/bin/sh"),
      ["/bin/sh", "-c", script],
    );
    expect(output.trim().split("\n")).toEqual(["65532", "drwxrwxrwt", "done"]);
  }, 120_000);

  test("runs Flagger's load tester with all that commands call, on a read-only root", async () => {
    const { ref = "", recipe } = tester ?? {};
    if (recipe?.kind !== "program") throw new Error("the load tester is made of something else");
    const { image, substitution } = await have(ref, recipe);
    expect(substitution).toBeUndefined();
    expect(JSON.parse(image.config).config.Entrypoint).toEqual(["/usr/local/bin/loadtester"]);
    const script = `id -u; loadtester -port=9090 2>/dev/null & trap "kill $!" EXIT
      for try in $(seq 600); do curl -sf 127.0.0.1:9090/healthz && break; sleep 0.1; done; echo
      ask() { curl -s -w " %{http_code}\\n" -d "{\\"name\\":\\"web\\",\\"namespace\\":\\"shop\\",\\"metadata\\":{$1}}" 127.0.0.1:9090/; }
      ask '"type":"bash","returnCmdOutput":"true","cmd":"hey -n 8 -c 2 http://127.0.0.1:9090/healthz | grep responses; echo [1] | jq -c ."'
      ask '"type":"bash","cmd":"exit 3"'
      ask '"type":"cmd","cmd":"sh -c true"'`;
    const output = said(ref, ["bash", "-c", script], ["--read-only"]);
    expect(output).toMatch(/^65532\nOK\n.*\[200\]\t8 responses\n\[1\]\n 200\n/);
    expect(output).toMatch(/exit status 3 500\n 202\n$/);
  }, 300_000);

  test("runs the release engine, made of these very sources, on a read-only root without a shell", async () => {
    const image = releaseEngine.definition.images?.engine;
    const { ref = "", recipe } = image ?? {};
    if (recipe?.kind !== "source") throw new Error("the engine is made of something else");
    // A copy: somebody may be editing them.
    const copy = inHome("landfall");
    copySource(recipe.root, listSource(recipe.root, recipe.path), copy);
    const { layers } = (await have(ref, { ...recipe, root: copy })).image;
    expect(layers.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(120e6);
    const inside = (...command: string[]) => said(ref, command, ["--read-only"]);
    const landfall = ["/usr/local/bin/node", ...(recipe.node?.entry ?? [])];
    const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    expect(inside(...landfall, "--version").trim()).toBe(version);
    expect(inside(...landfall, "release", "run", "--help")).toContain("--hub <file>");
    const script = `const { spawnSync } = require("node:child_process");
      const said = (...command) => {
        const { stdout, stderr, error } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
        return error ? error.code : (stdout + stderr).trim();
      };
      console.log(process.getuid(), said("git", "--version"), said("ssh", "-V"), said("sh", "-c", "id"));
      console.log(said("git", "ls-remote", "https://127.0.0.1:1/fleet.git"));
      try { require("node:fs").writeFileSync("/app/x", ""); } catch (error) { console.log(error.code); }`;
    const output = inside("/usr/local/bin/node", "-e", script);
    expect(output).toMatch(/^65532 git version 2\.\S+ OpenSSH_\S+.* ENOENT\n/);
    expect(output).toMatch(/Failed to connect to 127\.0\.0\.1 port 1 .*\nEROFS\n$/);
  }, 600_000);

  test("imports the pause image from an archive", async () => {
    const program = inHome("pause");
    const env = { ...process.env, CGO_ENABLED: "0" };
    execFileSync("go", ["build", "-o", program, "."], { cwd: join(root, "go"), env });
    const image = await pauseImage({ findProgram: async () => ({ path: program }) });
    await exportArchive(image, pauseReference, inHome("pause.tar"));
    ctr("images", "import", inHome("pause.tar"));
    expect(ctr("images", "ls", `name==${pauseReference}`)).toContain(image.digest);
    expect(ctr("run", "--rm", pauseReference, `landfall-pause-${process.pid}`)).toContain("go 65532");
  }, 120_000);

  test("an unknown host is refused at once, not looked for outside", async () => {
    const began = Date.now();
    expect(() => ctr("images", "pull", "--hosts-dir", inHome("certs.d"), "example.com/a/b:1")).toThrow(
      /not found/,
    );
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test("an image that its registry has is pulled from there, byte by byte", async () => {
    const recipe: ImageRecipe = { kind: "source", language: "go", path: "go", shared: [], root };
    const ref = "upstream.landfall.local/app:1";
    const built = await ensureImage({ ref, recipe }, { registryUrl: url });
    expect(built.origin).toBe("built");
    home.next();
    const upstream = `${new URL(url).host}/upstream.landfall.local/app:1`;
    const pulled = await ensureImage({ ref: upstream }, { registryUrl: url });
    expect(pulled).toMatchObject({ origin: "pulled", digest: built.digest });
    expect(pulled.image).toEqual(built.image);
    const mirrored = `${new URL(url).host.replace(":", "_")}/upstream.landfall.local/app`;
    expect(await hasManifest(url, mirrored, "1", pulled.image)).toBe(true);
  }, 120_000);
});

function containerdConfig(folder: string): string {
  mkdirSync(join(folder, "certs.d"));
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${folder}/c.sock"
`;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error("it did not come up in a minute");
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
