import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../machine/ports.ts";
import { isAlive } from "../machine/process-id.ts";
import { until } from "../machine/wait.ts";
import { forwardPorts } from "./forward.ts";
import { backoffMs } from "./keep-alive.ts";
import { openPidRecord, readPids } from "./pid-record.ts";
import type { ProcessSpec } from "./process-spec.ts";
import { createProcesses, type Processes, stopOrder } from "./processes.ts";

let folder: string;
const opened: Processes[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "landfall-supervisor-"));
  mkdirSync(join(folder, "logs"));
});
afterEach(async () => {
  for (const processes of opened.splice(0)) await processes.stop();
  rmSync(folder, { recursive: true, force: true });
});

function open(): Processes {
  const processes = createProcesses({
    logs: join(folder, "logs"),
    record: openPidRecord(join(folder, "pids.json"), () => {}),
    env: { PATH: process.env.PATH ?? "" },
    enterNetns: (line) => line,
    log: () => {},
  });
  opened.push(processes);
  return processes;
}

const shell = (name: string, script: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  name,
  command: "/bin/sh",
  args: ["-c", script],
  netns: false,
  health: { kind: "alive" },
  dependsOn: [],
  ...more,
});
const status = (processes: Processes, name: string) => processes.statuses().find((s) => s.name === name);
const healthy = (processes: Processes, name: string) => () => status(processes, name)?.state === "healthy";

test("a killed process is started anew, and its restarts are counted", async () => {
  const processes = open();
  await processes.reconcile([shell("a", "exec sleep 60")]);
  expect(await until(healthy(processes, "a"), 3000)).toBe(true);
  const first = status(processes, "a")?.pid ?? 0;
  process.kill(first, "SIGKILL");
  const renewed = () => healthy(processes, "a")() && status(processes, "a")?.pid !== first;
  expect(await until(renewed, 3000)).toBe(true);
  expect(status(processes, "a")?.restarts).toBe(1);
});

test("a process that always ends is tried with growing pauses", async () => {
  expect([1, 2, 3, 10].map(backoffMs)).toEqual([200, 400, 800, 10_000]);
  const processes = open();
  await processes.reconcile([shell("a", "exit 1", { health: { kind: "tcp", host: "127.0.0.1", port: 1 } })]);
  await until(() => (status(processes, "a")?.restarts ?? 0) >= 2, 3000);
  expect(status(processes, "a")?.state).toMatch(/backoff|starting/);
});

test("a process waits until its needs are healthy and prepared", async () => {
  const processes = open();
  const log = join(folder, "order");
  await processes.reconcile([
    shell("b", `echo b >> ${log}; exec sleep 60`, { dependsOn: ["a"] }),
    shell("a", "exec sleep 60", {
      prepare: [{ command: "/bin/sh", args: ["-c", `sleep 0.2; echo prepared >> ${log}`] }],
    }),
  ]);
  expect(await until(healthy(processes, "b"), 3000)).toBe(true);
  expect(await until(() => readFileSync(log, "utf8") === "prepared\nb\n", 1000)).toBe(true);
});

test("the next supervisor adopts running processes, replaces changed ones and ends dropped ones", async () => {
  const first = open();
  const specs = ["a", "b", "c"].map((name) => shell(name, "exec sleep 60"));
  await first.reconcile(specs);
  await until(() => first.statuses().every((s) => s.state === "healthy"), 3000);
  const before = readPids(join(folder, "pids.json"));
  const second = open();
  await second.reconcile([shell("a", "exec sleep 60"), shell("b", "exec sleep 61")]);
  await until(() => second.statuses().every((s) => s.state === "healthy"), 3000);
  const after = readPids(join(folder, "pids.json"));
  expect(after.a?.pid).toBe(before.a?.pid);
  expect(status(second, "a")?.restarts).toBe(0);
  expect(after.b?.pid).not.toBe(before.b?.pid);
  expect(before.c && isAlive(before.c)).toBe(false);
  // The first one would start its processes anew; it must be the one to end last here.
  opened.reverse();
});

test("a process that stops answering is replaced", async () => {
  const flag = join(folder, "ok");
  writeFileSync(flag, "");
  const processes = open();
  const health = { kind: "exec" as const, command: "/bin/test", args: ["-e", flag] };
  await processes.reconcile([shell("a", "exec sleep 60", { health, failureThreshold: 4 })]);
  expect(await until(healthy(processes, "a"), 3000)).toBe(true);
  const first = status(processes, "a")?.pid;
  rmSync(flag);
  expect(await until(() => status(processes, "a")?.state !== "healthy", 6000)).toBe(true);
  expect(await until(() => status(processes, "a")?.pid !== first, 6000)).toBe(true);
}, 15_000);

test("stopping ends dependants before what they need", () => {
  const spec = (name: string, ...dependsOn: string[]) => ({ name, dependsOn });
  const specs = [
    spec("etcd"),
    spec("api", "etcd"),
    spec("cm", "api"),
    spec("cd"),
    spec("kubelet", "api", "cd"),
  ];
  expect(stopOrder(specs)).toEqual([["cm", "kubelet"], ["api", "cd"], ["etcd"]]);
});

test("a forwarded port carries both directions and half-closed connections", async () => {
  const server = createServer((_, response) => response.end("from the node"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const node = (server.address() as { port: number }).port;
  const host = await freePort();
  const end = new AbortController();
  forwardPorts([{ name: "t", host, node }], "127.0.0.1", end.signal, () => {});
  try {
    const ask = () =>
      fetch(`http://127.0.0.1:${host}/`).then(
        (r) => r.text(),
        () => undefined,
      );
    expect(await until(async () => (await ask()) === "from the node", 2000)).toBe(true);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: host });
      let text = "";
      socket
        .on("data", (data) => (text += data))
        .on("end", () => resolve(text))
        .on("error", reject);
      socket.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    });
    expect(answer).toContain("from the node");
  } finally {
    end.abort();
    server.closeAllConnections();
    server.close();
  }
  expect(
    await until(
      async () =>
        await fetch(`http://127.0.0.1:${host}/`).then(
          () => false,
          () => true,
        ),
      2000,
    ),
  ).toBe(true);
});
