import { spawn } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { program, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();

/** Path → content of a folder, landfall's own list aside. */
function treeOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    paths
      .filter((path) => !path.endsWith(".landfall-files.json"))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );
}

async function startBuilt() {
  const context = start();
  await context.landfall(["init", "acme", "--form", "yaml"]);
  const dir = join(context.base, "acme");
  const config = join(dir, "landfall.config.yaml");
  const declare = (greeting: string) => {
    const text = readFileSync(config, "utf8");
    // The host name is in the declaration's many places, so that a change of it writes several files.
    writeFileSync(config, text.replace(/host: .*/, `host: ${greeting}.localhost`));
  };
  await context.landfall(["build"], { cwd: dir });
  /** A build in a process group of its own, which a signal ends after `ms`. */
  const stopped = (signal: NodeJS.Signals, ms: number) =>
    new Promise<{ code: number | null; took: number }>((resolve) => {
      const began = performance.now();
      const child = spawn(process.execPath, [program, "build"], {
        cwd: dir,
        env: { PATH: process.env.PATH, ...context.env },
        stdio: "ignore",
        detached: true,
      });
      const group = -(child.pid as number);
      sleep(ms).then(() => child.exitCode === null && process.kill(group, signal));
      child.on("exit", (code) => resolve({ code, took: performance.now() - began }));
    });
  return { ...context, dir, fleet: join(dir, "fleet"), declare, stopped };
}

test("a build killed at any moment loses nothing, and the next completes it", async () => {
  const { dir, fleet, declare, stopped, landfall } = await startBuilt();
  const { took } = await stopped("SIGKILL", 60_000);
  for (let i = 0; i < 20; i++) {
    declare(`host-${i}`);
    appendFileSync(join(fleet, "mine.txt"), `${i}\n`);
    // Most of a build is compiling; its end, where files are written, is what matters.
    await stopped("SIGKILL", took * (0.6 + 0.025 * i));
  }
  await sleep(300);
  const next = await landfall(["build"], { cwd: dir });
  expect(next.code, next.stderr).toBe(0);
  const { "mine.txt": mine, ...tree } = treeOf(fleet);
  expect(mine?.split("\n")).toHaveLength(21);
  await landfall(["build", "--out", "../clean"], { cwd: dir });
  expect(tree).toEqual(treeOf(join(dir, "../clean")));
  expect(readdirSync(dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}, 120_000);

test("Ctrl-C ends a build with 130 and leaves the old tree or the new one", async () => {
  const { fleet, declare, stopped } = await startBuilt();
  const before = treeOf(fleet);
  declare("other");
  expect((await stopped("SIGINT", 150)).code).toBe(130);
  expect(treeOf(fleet)).toEqual(before);
});
