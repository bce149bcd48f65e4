import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withoutDaemonStarts } from "./daemon-starts.ts";
import { pause } from "./machine/wait.ts";
import { disableDaemons, type PackageNeed, packageNeeds } from "./packages.ts";

let folder: string;
let files: { policy: string; lock: string };
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "landfall-packages-"));
  files = { policy: join(folder, "policy-rc.d"), lock: join(folder, "lock") };
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Another process in the middle of an install of `ms`; it fails when its protection goes meanwhile. */
async function installElsewhere(ms: number): Promise<ChildProcess> {
  const source = `import { withoutDaemonStarts } from ${JSON.stringify(new URL("./daemon-starts.ts", import.meta.url).href)};
    import { existsSync } from "node:fs";
    const files = ${JSON.stringify(files)};
    await withoutDaemonStarts(async () => {
      console.log("in");
      await new Promise((resolve) => setTimeout(resolve, ${ms}));
      if (!existsSync(files.policy)) process.exitCode = 7;
    }, files);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  await once(child.stdout, "data");
  return child;
}

describe("while packages are installed", () => {
  test("the policy forbids daemons to start, and is gone afterwards, also when the work fails", async () => {
    const work = async () => {
      expect(readFileSync(files.policy, "utf8")).toMatch(/^#!\/bin\/sh\n.*landfall.*\nexit 101\n$/);
      expect(statSync(files.policy).mode & 0o100).toBe(0o100);
      throw new Error("apt failed");
    };
    await expect(withoutDaemonStarts(work, files)).rejects.toThrow("apt failed");
    expect(existsSync(files.policy)).toBe(false);
    expect(existsSync(files.lock)).toBe(false);
  });

  test("a policy of the user stays", async () => {
    const theirs = "#!/bin/sh\nexit 101\n";
    writeFileSync(files.policy, theirs);
    await withoutDaemonStarts(async () => expect(readFileSync(files.policy, "utf8")).toBe(theirs), files);
    expect(readFileSync(files.policy, "utf8")).toBe(theirs);
  });

  test("what a killed run left is taken over and removed", async () => {
    const child = await installElsewhere(60_000);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(files.policy)).toBe(true);
    await withoutDaemonStarts(async () => expect(existsSync(files.policy)).toBe(true), files);
    expect(existsSync(files.policy)).toBe(false);
  });

  test("runs side by side do not remove each other's protection", async () => {
    const child = await installElsewhere(400);
    const ended = once(child, "exit");
    const work = async () => {
      await pause(100);
      expect(existsSync(files.policy)).toBe(true);
    };
    await Promise.all([withoutDaemonStarts(work, files), withoutDaemonStarts(work, files)]);
    expect((await ended)[0]).toBe(0);
    expect(existsSync(files.policy)).toBe(false);
  });
});

describe("daemons of installed packages", () => {
  const needs: PackageNeed[] = [
    { name: "redis-server", why: "carts", daemon: "redis-server" },
    { name: "runc", why: "containers" },
  ];

  test("do not start at the next boot, and what fails is told", async () => {
    const calls: string[] = [];
    const said: string[] = [];
    const run = (code: number, stderr: string) => async (command: string, args: string[]) => {
      calls.push([command, ...args].join(" "));
      return { code, stdout: "", stderr };
    };
    await disableDaemons(needs, (line) => said.push(line), run(0, "Synchronizing state"));
    expect(said).toEqual([]);
    await disableDaemons(needs, (line) => said.push(line), run(1, "first\nFailed to disable unit\n"));
    expect(said).toEqual([
      "warning: redis-server.service may start at the next boot: Failed to disable unit",
    ]);
    await disableDaemons(needs.slice(1), (line) => said.push(line), run(1, "never asked"));
    expect(calls).toEqual(Array(2).fill("systemctl disable redis-server.service"));
  });

  test("are named where a package brings one", () => {
    const daemons = packageNeeds.flatMap(({ daemon }) => daemon ?? []);
    expect(daemons).toEqual(["containerd", "docker-registry"]);
  });
});
