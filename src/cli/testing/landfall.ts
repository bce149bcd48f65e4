import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

export const program = fileURLToPath(new URL("../../../bin/landfall.js", import.meta.url));

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
}

// Each test has a home of its own, and with it a cache of compiled code that is empty: without this one each command
// would compile landfall anew, which takes longer than what it does.
const { PATH, NODE_COMPILE_CACHE } = process.env;
const codeCache = NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};

/** Run a program to its end, with an environment of `PATH`, the cache of compiled code and `env` alone. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<Ran> {
  const { cwd, env = {}, input = "" } = options;
  const child = spawn(command, args, {
    stdio: "pipe",
    env: { ...codeCache, PATH, ...env },
    ...(cwd && { cwd }),
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on("close", resolve).on("error", reject),
  );
  child.stdin.on("error", () => undefined).end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** A folder for each test with a LANDFALL_HOME of its own, and the real program run in it. */
export function useLandfall() {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const base = mkdtempSync(join(tmpdir(), "landfall-cli-"));
    made.push(base);
    const env = { ...codeCache, LANDFALL_HOME: join(base, "home"), HOME: base };
    const landfall = (args: string[], options: RunOptions = {}) =>
      run(process.execPath, [program, ...args], { cwd: base, ...options, env: { ...env, ...options.env } });
    return { base, env, landfall };
  };
}

/** One process in an empty folder for all commands of a file, as `resident.ts` runs them, one after the other. */
export function useResident(): (args: string[]) => Promise<Ran> {
  let base: string;
  let child: ChildProcess;
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), "landfall-cli-"));
    child = fork(fileURLToPath(new URL("resident.ts", import.meta.url)), {
      cwd: base,
      env: { ...codeCache, PATH, HOME: base, LANDFALL_HOME: join(base, "home") },
      execArgv: ["--disable-warning=ExperimentalWarning"],
      silent: true,
    });
  });
  afterAll(() => {
    child?.kill("SIGKILL");
    rmSync(base, { recursive: true, force: true });
  });
  return async (args) => {
    const ended = new AbortController();
    child.once("exit", () => ended.abort(new Error(`it ended at ${args.join(" ")}`)));
    const answer = once(child, "message", { signal: ended.signal });
    child.send(args);
    const [ran] = (await answer) as [Ran];
    child.removeAllListeners("exit");
    return ran;
  };
}

/** The only JSON document of an output. */
export function documentOf({
  stdout,
}: Ran): Record<string, unknown> & { problems?: { code: string; fix?: string }[] } {
  expect(stdout.trimEnd().split("\n"), stdout).toHaveLength(1);
  return JSON.parse(stdout);
}
