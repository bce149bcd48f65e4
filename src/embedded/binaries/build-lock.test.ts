import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identify } from "../machine/process-id.ts";
import { withBuildLock } from "./build-lock.ts";

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "landfall-lock-"));
  lock = join(folder, "a.lock");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("within a process callers run one after the other, also when one fails", async () => {
  const seen: string[] = [];
  const work = (name: string, fail: boolean) => () =>
    withBuildLock(lock, async () => {
      seen.push(`${name}+`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(`${name}-`);
      if (fail) throw new Error(name);
    });
  const results = await Promise.allSettled([work("a", true)(), work("b", false)(), work("c", false)()]);
  expect(results.map((r) => r.status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect(seen).toEqual(["a+", "a-", "b+", "b-", "c+", "c-"]);
  expect(existsSync(lock)).toBe(false);
});

test("a living holder is waited for, and its death frees the lock", async () => {
  const holder = spawn("sleep", ["60"]);
  try {
    writeFileSync(lock, JSON.stringify(identify(holder.pid ?? 0)));
    const waits: number[] = [];
    const done = withBuildLock(lock, async () => "mine", {
      onWait: (pid) => {
        waits.push(pid);
        if (waits.length === 2) holder.kill("SIGKILL");
      },
    });
    expect(await done).toBe("mine");
    expect(waits.slice(0, 2)).toEqual([holder.pid, holder.pid]);
  } finally {
    holder.kill("SIGKILL");
  }
});

test("a waiter can be interrupted and takes nothing with it", async () => {
  const holder = spawn("sleep", ["60"]);
  try {
    writeFileSync(lock, JSON.stringify(identify(holder.pid ?? 0)));
    const stop = new AbortController();
    const waiting = withBuildLock(lock, async () => "mine", {
      signal: stop.signal,
      onWait: () => stop.abort(),
    });
    await expect(waiting).rejects.toThrow(/abort/i);
    expect(existsSync(lock)).toBe(true);
  } finally {
    holder.kill("SIGKILL");
  }
});

test("a process whose number was given to another one does not hold the lock", async () => {
  writeFileSync(lock, JSON.stringify({ ...identify(process.pid), startTime: "1" }));
  expect(await withBuildLock(lock, async () => 1)).toBe(1);
});
