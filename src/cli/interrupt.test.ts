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
  /** A build in a process group of its own, which a signal ends when it is time. */
  const stopped = (signal: NodeJS.Signals, time: (pid: number) => Promise<unknown>) =>
    new Promise<{ code: number | null; took: number }>((resolve) => {
      const began = performance.now();
      const child = spawn(process.execPath, [program, "build"], {
        cwd: dir,
        env: { PATH: process.env.PATH, ...context.env },
        stdio: "ignore",
        detached: true,
      });
      const pid = child.pid as number;
      time(pid).then(() => child.exitCode === null && process.kill(-pid, signal));
      child.on("exit", (code) => resolve({ code, took: performance.now() - began }));
    });
  return { ...context, dir, fleet: join(dir, "fleet"), declare, stopped };
}

test("a build killed at any moment loses nothing, and the next completes it", async () => {
  const { dir, fleet, declare, stopped, landfall } = await startBuilt();
  const { took } = await stopped("SIGKILL", () => sleep(60_000));
  for (let i = 0; i < 20; i++) {
    declare(`host-${i}`);
    appendFileSync(join(fleet, "mine.txt"), `${i}\n`);
    // Most of a build is compiling; its end, where files are written, is what matters.
    await stopped("SIGKILL", () => sleep(took * (0.6 + 0.025 * i)));
  }
  await sleep(300);
  const next = await landfall(["build"], { cwd: dir });
  expect(next.code, next.stderr).toBe(0);
  const { "mine.txt": mine, ...tree } = treeOf(fleet);
  expect(mine?.split("\n")).toHaveLength(21);
  await landfall(["build", "--out", "../clean"], { cwd: dir });
  expect(tree).toEqual(treeOf(join(dir, "../clean")));
  expect(readdirSync(dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}, 300_000);

/** Waits until `pid` has started the program, which runs, and waits for it: from then on both know what to do with a signal. */
async function isUnderWay(pid: number): Promise<void> {
  const of = (process: string | number, file: string) => readFileSync(`/proc/${process}/${file}`, "utf8");
  for (let looks = 0; looks < 3000; looks++) {
    const [started] = of(pid, `task/${pid}/children`).split(" ");
    if (started && of(started, "cmdline").includes("main.ts")) {
      const handles = /^SigCgt:\t0*[1-9a-f]/m.test(of(started, "status"));
      if (handles && /^State:\tS/m.test(of(pid, "status"))) return;
    }
    await sleep(5);
  }
}

test("Ctrl-C ends a build with 130 and leaves the old tree or the new one", async () => {
  const { fleet, declare, stopped } = await startBuilt();
  // Again where the machine was so busy that the build was done before it was interrupted.
  for (let tries = 0; tries < 5; tries++) {
    const before = treeOf(fleet);
    declare(`other-${tries}`);
    const { code } = await stopped("SIGINT", (pid) => isUnderWay(pid).catch(() => undefined));
    if (code === 0) continue;
    expect(code).toBe(130);
    expect(treeOf(fleet)).toEqual(before);
    return;
  }
  expect.fail("no build could be interrupted");
}, 60_000);
