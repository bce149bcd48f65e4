import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LandfallError } from "../../util/errors.ts";
import { identify, isAlive } from "../machine/process-id.ts";
import { until } from "../machine/wait.ts";
import type { ClusterState } from "../types.ts";
import { layoutOf } from "./layout.ts";
import { withLock } from "./lock.ts";
import { clusterNames, readState, requireClusterName, writeState } from "./state.ts";

let home: string;
const before = process.env.LANDFALL_HOME;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "landfall-state-"));
  process.env.LANDFALL_HOME = home;
});
afterEach(() => {
  if (before === undefined) delete process.env.LANDFALL_HOME;
  else process.env.LANDFALL_HOME = before;
  rmSync(home, { recursive: true, force: true });
});

test("a state comes back as written; a damaged one counts as none", () => {
  const state = { version: 1, spec: { name: "a" }, nodeIp: "10.201.0.2" } as ClusterState;
  writeState(state);
  expect(readState("a")).toEqual(state);
  expect(clusterNames()).toEqual(["a"]);
  writeFileSync(layoutOf("a").state, '{"version":1,"spe');
  expect(readState("a")).toBeUndefined();
});

test("names that cannot name a namespace are refused", () => {
  for (const good of ["a", "t-1", "local"]) expect(() => requireClusterName(good)).not.toThrow();
  for (const bad of ["", "A", "../x", "1a", "a-", "a".repeat(31)]) {
    expect(() => requireClusterName(bad)).toThrow(LandfallError);
  }
});

test("a deep folder moves the socket to a short path", () => {
  expect(layoutOf("a").socket).toBe(join(home, "clusters/a/supervisor.sock"));
  const deep = layoutOf("a", `/${"d".repeat(120)}`).socket;
  expect(Buffer.byteLength(deep)).toBeLessThan(108);
  expect(layoutOf("a", `/${"e".repeat(120)}`).socket).not.toBe(deep);
});

test("a living holder keeps the lock, a dead one loses it", async () => {
  const lock = layoutOf("a").lock;
  await withLock(lock, "up", async () => {
    const error = await withLock(lock, "down", async () => 1).catch((e: unknown) => e);
    expect((error as LandfallError).problems[0]?.code).toBe("LF4007");
  });
  expect(existsSync(lock)).toBe(false);
  const child = spawn("sleep", ["60"]);
  const id = identify(child.pid ?? 0);
  if (!id) throw new Error("sleep did not start");
  writeFileSync(lock, JSON.stringify({ ...id, command: "up" }));
  child.kill("SIGKILL");
  await until(() => !isAlive(id), 2000);
  expect(await withLock(lock, "up", async () => "mine")).toBe("mine");
  expect(existsSync(lock)).toBe(false);
});
