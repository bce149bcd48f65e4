import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { LandfallError } from "../../util/errors.ts";
import { chooseRange, formatAddress, parseRange, type Range } from "./addresses.ts";
import { availableMemory, requireMemory } from "./memory.ts";
import { freePort, isPortFree, portHolder, requirePort } from "./ports.ts";
import { identify, isAlive, proportionalMemory, signalProcess } from "./process-id.ts";
import { until } from "./wait.ts";

const range = (text: string) => parseRange(text) as Range;
const chosen = (...taken: string[]) => {
  const found = chooseRange(taken.map(range));
  return found && formatAddress(found.base);
};

test("the first /30 that touches no address and no route is chosen", () => {
  expect(chosen()).toBe("10.201.0.0");
  expect(chosen("10.201.0.1/30")).toBe("10.201.0.4");
  expect(chosen("10.201.0.0/24", "10.201.1.9")).toBe("10.201.1.0");
  expect(chosen("10.0.0.0/8", "0.0.0.0/0")).toBe("10.201.0.0");
  expect(chosen("10.201.0.0/17", "10.201.128.0/17")).toBeUndefined();
  expect(parseRange("default")).toBeUndefined();
});

test("the holder of a port is named in the problem", async () => {
  const port = await freePort();
  const server = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    expect(portHolder(port)?.pid).toBe(process.pid);
    const error = await requirePort(port, "the API").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(LandfallError);
    const problem = (error as LandfallError).problems[0];
    expect(problem?.code).toBe("LF4001");
    expect(problem?.why).toContain(`process ${process.pid} (`);
    expect(problem?.fix).toContain(`kill ${process.pid}`);
    await requirePort(port, "the API", (pid) => pid === process.pid);
    const other = await requirePort(port, "the API", (pid) => pid !== process.pid).catch((e: unknown) => e);
    expect(other).toBeInstanceOf(LandfallError);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(await isPortFree(port)).toBe(true);
  expect(portHolder(port)).toBeUndefined();
});

test("too little memory is refused, with what is there", () => {
  const meminfo = (mib: number) => () => `MemTotal: 9 kB\nMemAvailable:   ${mib * 1024} kB\n`;
  const need = 1024 ** 3;
  requireMemory(need, "the cluster local", meminfo(1024));
  requireMemory(need, "the cluster local", () => "no such line");
  let thrown: unknown;
  try {
    requireMemory(need, "the cluster local", meminfo(700));
  } catch (error) {
    thrown = error;
  }
  expect((thrown as LandfallError).problems[0]).toMatchObject({
    code: "LF4005",
    what: "1024 MiB of memory are needed for the cluster local, 700 MiB are available",
    why: expect.stringMatching(/\w/),
    fix: expect.stringContaining("end other programs"),
  });
  expect(availableMemory()).toBeGreaterThan(1e6);
});

test("a process is known by number and start time together", async () => {
  const child = spawn("sleep", ["60"]);
  const id = identify(child.pid ?? 0);
  if (!id) throw new Error("sleep did not start");
  try {
    expect(isAlive(id)).toBe(true);
    expect(isAlive({ ...id, startTime: "1" })).toBe(false);
    expect(isAlive({ ...id, bootId: "another" })).toBe(false);
    expect(signalProcess({ ...id, startTime: "1" }, "SIGKILL")).toBe(false);
    expect(proportionalMemory(process.pid)).toBeGreaterThan(1e6);
  } finally {
    child.kill("SIGKILL");
  }
  expect(await until(() => !isAlive(id), 2000)).toBe(true);
});
