import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { landfallHome } from "../../src/util/home.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The shop in a folder of its own, with its own LANDFALL_HOME and ports; caches are shared so that nothing is rebuilt. */
export interface ShopCopy {
  dir: string;
  home: string;
  httpPort: number;
  /** Run landfall; resolves whatever the exit code is. */
  run(...args: string[]): Promise<Result>;
  /** The same with another LANDFALL_HOME. */
  runIn(home: string, ...args: string[]): Promise<Result>;
  /** Start landfall without waiting. */
  start(...args: string[]): ChildProcess;
  /** Replace text in the declaration; the text must be there. */
  edit(from: string | RegExp, to: string | ((text: string) => string)): void;
  remove(): void;
}

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
  /** The last line of stdout as JSON. */
  json(): Record<string, never> & { ok: boolean };
}

export async function copyShop(): Promise<ShopCopy> {
  const base = mkdtempSync(join(tmpdir(), "landfall-e2e-"));
  const home = join(base, "home");
  const dir = join(base, "shop");
  mkdirSync(join(landfallHome(), "cache"), { recursive: true });
  mkdirSync(home);
  symlinkSync(join(landfallHome(), "cache"), join(home, "cache"));
  const unwanted = /\/(node_modules|\.venv|fleet|secrets|\.sops\.yaml|landfall\.lock|__pycache__)$/;
  cpSync(join(root, "examples/shop"), dir, { recursive: true, filter: (path) => !unwanted.test(path) });
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  const startIn = (folder: string, ...args: string[]) =>
    spawn(process.execPath, [join(root, "bin/landfall.js"), ...args], {
      cwd: dir,
      env: { ...process.env, LANDFALL_HOME: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const start = (...args: string[]) => startIn(home, ...args);
  const shop: ShopCopy = {
    dir,
    home,
    httpPort,
    start,
    run: (...args) => finish(start(...args)),
    runIn: (folder, ...args) => finish(startIn(folder, ...args)),
    edit(from, to) {
      const file = join(dir, "landfall.config.ts");
      const before = readFileSync(file, "utf8");
      const after = before.replace(from, to as string);
      if (after === before) throw new Error(`${from} is not in the declaration`);
      writeFileSync(file, after);
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
  shop.edit(
    'labels: { region: "home" }',
    `labels: { region: "home" }, ports: { http: ${httpPort}, https: ${httpsPort} }`,
  );
  return shop;
}

export function finish(child: ChildProcess): Promise<Result> {
  const started = performance.now();
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) =>
      done({
        code,
        stdout,
        stderr,
        ms: performance.now() - started,
        json: () => JSON.parse(stdout.trim().split("\n").at(-1) ?? ""),
      }),
    );
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

export interface Page {
  status: number;
  body: string;
  cookie: string | undefined;
  /** The storefront's pod; undefined where none answered. */
  servedBy: string | undefined;
}

/** A request through the gateway's port on loopback, as a browser would make it for `shop.localhost`. */
export function visit(
  shop: ShopCopy,
  path: string,
  options: { form?: string; cookie?: string | undefined } = {},
): Promise<Page> {
  const headers = {
    host: "shop.localhost",
    ...(options.cookie && { cookie: options.cookie }),
    ...(options.form && { "content-type": "application/x-www-form-urlencoded" }),
  };
  return new Promise((done, fail) => {
    const call = request(
      {
        host: "127.0.0.1",
        port: shop.httpPort,
        path,
        method: options.form ? "POST" : "GET",
        headers,
        timeout: 5000,
      },
      (answer) => {
        let body = "";
        answer.on("data", (chunk: Buffer) => {
          body += chunk;
        });
        answer.on("end", () =>
          done({
            status: answer.statusCode ?? 0,
            body,
            cookie: answer.headers["set-cookie"]?.[0]?.split(";")[0],
            servedBy: answer.headers["x-served-by"]?.toString(),
          }),
        );
      },
    );
    call.on("timeout", () => call.destroy(new Error("no answer within 5 s")));
    call.on("error", fail);
    call.end(options.form);
  });
}
