import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A running service: the ports that it said it listens on, and its own fault file. */
export type Service = {
  readonly child: ChildProcess;
  readonly ports: Readonly<Record<string, number>>;
  readonly setFaults: (faults: object | string) => Promise<void>;
};

export type Shop = {
  readonly storefront: Service;
  readonly catalog: Service;
  readonly cart: Service;
  readonly stop: () => Promise<void>;
};

const here = import.meta.dirname;
const catalogPython = join(here, "catalog/.venv/bin/python");

/** Why the shop cannot run here, or undefined when it can. */
export function missingTool(): string | undefined {
  for (const tool of ["redis-server", "go"]) {
    if (!found(tool)) return `${tool} is not installed`;
  }
  for (const path of [catalogPython, join(here, "storefront/node_modules")]) {
    if (!existsSync(path)) return `${path} is missing: run examples/shop/test.sh once`;
  }
  return undefined;
}

/** Starts Redis and the three services on free ports; spans go to the endpoint. Ends all when one fails. */
export async function startShop(tracesEndpoint: string): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), "shop-"));
  const started: ChildProcess[] = [];
  const stop = async () => {
    await Promise.all(started.map(end));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const redisPort = await freePort();
    const redis = ["--bind", "127.0.0.1", "--port", String(redisPort), "--dir", folder, "--save", ""];
    started.push(spawn("redis-server", redis, { stdio: "ignore" }));
    const cartProgram = join(folder, "cart-program");
    execFileSync("go", ["build", "-o", cartProgram, "."], { cwd: join(here, "cart"), stdio: "inherit" });

    const start = async (name: string, version: string, command: readonly string[], env: object) => {
      const configDir = join(folder, name);
      await mkdir(configDir);
      const child = spawn(command[0] ?? "", command.slice(1), {
        stdio: ["ignore", "pipe", "inherit"],
        env: {
          PATH: process.env.PATH,
          CONFIG_DIR: configDir,
          HTTP_PORT: "0",
          GRPC_PORT: "0",
          METRICS_PORT: "0",
          DRAIN_DELAY_MS: "0",
          APP_VERSION: version,
          POD_NAME: `${name}-pod`,
          OTEL_SERVICE_NAME: name,
          OTEL_EXPORTER_OTLP_ENDPOINT: tracesEndpoint,
          OTEL_BSP_SCHEDULE_DELAY: "200",
          PYTHONDONTWRITEBYTECODE: "1",
          ...env,
        },
      });
      started.push(child);
      const ports = await listening(name, child);
      const setFaults = (faults: object | string) =>
        writeFile(
          join(configDir, "faults.json"),
          typeof faults === "string" ? faults : JSON.stringify(faults),
        );
      return { child, ports, setFaults };
    };

    const [catalog, cart] = await Promise.all([
      start("catalog", "1.1.1", [catalogPython, join(here, "catalog/main.py")], {}),
      start("cart", "2.2.2", [cartProgram], { REDIS_ADDR: `127.0.0.1:${redisPort}` }),
    ]);
    const storefront = await start(
      "storefront",
      "3.3.3",
      [process.execPath, join(here, "storefront/src/main.ts")],
      {
        CATALOG_ADDR: `127.0.0.1:${catalog.ports.grpc}`,
        CART_ADDR: `127.0.0.1:${cart.ports.grpc}`,
      },
    );
    return { storefront, catalog, cart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Asks the process to end and waits; returns its exit code, or null when it had to be killed. */
export async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const killing = setTimeout(() => child.kill("SIGKILL"), 10_000);
  const [code] = await exited;
  clearTimeout(killing);
  return code as number | null;
}

/** Every service writes one line of JSON that names its ports once it listens. */
function listening(name: string, child: ChildProcess): Promise<Record<string, number>> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code} before it listened`)));
    if (!child.stdout) throw new Error("no standard output");
    createInterface(child.stdout).on("line", (line) => {
      const entry = JSON.parse(line) as { message: string } & Record<string, number>;
      if (entry.message === "listening") resolve(entry);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function found(tool: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, tool)));
}
