import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LandfallError } from "../util/errors.ts";
import { findBinary } from "./binaries/find.ts";
import { freePort } from "./machine/ports.ts";
import { pause, until } from "./machine/wait.ts";
import { resolvePrograms } from "./resolve-programs.ts";
import { startCluster } from "./start.ts";
import { readState } from "./state/state.ts";
import { clusterStatus, listClusters } from "./status.ts";
import { stopCluster } from "./stop.ts";
import { kubectl, leftovers, temporaryHome, testServer, testSpec } from "./test-cluster.ts";
import type { EmbeddedSpec } from "./types.ts";

const ready = await findBinary("kwok", { build: false, download: false }).then(
  () => findBinary("kube-apiserver", { build: false, download: false }),
  () => undefined,
);
if (!ready) process.stderr.write("simulated cluster tests are skipped: no program is in the cache yet\n");

describe.skipIf(!ready)("a cluster with simulated pods", () => {
  const onEvent = () => {};
  const name = "t-sim";
  const start = (spec: EmbeddedSpec) => startCluster(spec, { onEvent, timeoutMs: 90_000 });
  const shared = {} as ReturnType<typeof temporaryHome>;
  beforeAll(() => {
    Object.assign(shared, temporaryHome());
  });
  afterAll(async () => {
    try {
      await stopCluster(name, { keepData: false, onEvent });
    } finally {
      shared.remove();
    }
  }, 60_000);

  test("a port in use is refused by name, and nothing is left running", async () => {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const spec = testSpec(name, "simulated");
      const error = await start({ ...spec, ports: { ...spec.ports, api: port } }).catch((e: unknown) => e);
      expect((error as LandfallError).problems[0]).toMatchObject({ code: "LF4001" });
      expect((error as LandfallError).problems[0]?.why).toContain(`process ${process.pid}`);
    } finally {
      server.close();
    }
    expect((await clusterStatus(name)).processes).toEqual([]);
  });

  test("a program the user names must be there", async () => {
    const spec = { ...testSpec(name, "simulated"), binaries: { kwok: "/nowhere/kwok" } };
    const error = await resolvePrograms(spec, "simulated").catch((e: unknown) => e);
    expect((error as LandfallError).problems[0]?.code).toBe("LF5002");
  });

  test("pods run in name only, extra processes run in truth", async () => {
    const port = await freePort();
    const script = `require("http").createServer((q, s) => s.end(process.env.KUBECONFIG)).listen(${port}, "127.0.0.1")`;
    const extra = {
      name: "extra",
      command: process.execPath,
      args: ["-e", script],
      env: { KUBECONFIG: "{{kubeconfig}}" },
      healthUrl: `http://127.0.0.1:${port}/`,
    };
    const state = await start({ ...testSpec(name, "simulated"), processes: [extra] });
    expect(state.mode).toBe("simulated");
    expect(await (await fetch(extra.healthUrl)).text()).toContain("admin.kubeconfig");
    await kubectl(state, ["apply", "-f", "-"], testServer(2));
    await kubectl(state, ["rollout", "status", "deployment/server", "--timeout=30s"]);
    await kubectl(state, ["create", "job", "once", "--image=any"]);
    await kubectl(state, ["wait", "--for=condition=complete", "job/once", "--timeout=30s"]);
    await kubectl(state, ["delete", "deployment", "server", "--wait"]);
    expect((await listClusters()).map((c) => `${c.name} ${c.state}`)).toEqual([`${name} running`]);
    // The same cluster without the extra process: only that one ends.
    const before = await clusterStatus(name);
    await start(testSpec(name, "simulated"));
    const after = await clusterStatus(name);
    const pid = (s: typeof after, process: string) => s.processes.find((p) => p.name === process)?.pid;
    expect(pid(after, "etcd")).toBe(pid(before, "etcd"));
    expect(pid(after, "extra")).toBeUndefined();
  }, 120_000);

  test("a start that cannot succeed leaves the running cluster alone", async () => {
    const before = await clusterStatus(name);
    const pids = (s: typeof before) => s.processes.map((p) => `${p.name} ${p.pid}`);
    const spec = testSpec(name, "simulated");
    const codeOf = async (wanted: EmbeddedSpec) => {
      const error = await start(wanted).catch((e: unknown) => e);
      return (error as LandfallError).problems[0]?.code;
    };
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      expect(await codeOf({ ...spec, ports: { ...spec.ports, api: port } })).toBe("LF4001");
    } finally {
      server.close();
    }
    expect(await codeOf({ ...spec, binaries: { kwok: "/nowhere/kwok" } })).toBe("LF5002");
    expect(pids(await clusterStatus(name))).toEqual(pids(before));
    expect((await clusterStatus(name)).state).toBe("running");
    // Its own port, now wished for by number, is not taken by somebody else.
    const api = before.forwards.find((f) => f.name === "api")?.host ?? 0;
    const again = await start({ ...spec, ports: { ...spec.ports, api } });
    expect(again.forwards.map((f) => f.host)).toEqual([api]);
    expect(pids(await clusterStatus(name))).not.toEqual(pids(before));
  }, 120_000);

  test("a killed supervisor comes back and adopts what runs", async () => {
    const before = await clusterStatus(name);
    const pid = (s: typeof before, process: string) => s.processes.find((p) => p.name === process)?.pid;
    process.kill(pid(before, "supervisor") ?? 0, "SIGKILL");
    const back = async () => {
      const now = await clusterStatus(name);
      return now.state === "running" && pid(now, "supervisor") !== pid(before, "supervisor");
    };
    expect(await until(back, 60_000, 100)).toBe(true);
    expect(pid(await clusterStatus(name), "kube-apiserver")).toBe(pid(before, "kube-apiserver"));
    const state = readState(name);
    await stopCluster(name, { keepData: false, onEvent });
    expect(state && (await leftovers(state))).toEqual([]);
  }, 60_000);

  test("a start that was killed at any moment is followed by a whole start and a whole stop", async () => {
    const source = `import { startCluster } from ${JSON.stringify(new URL("./start.ts", import.meta.url).href)};
      await startCluster(${JSON.stringify(testSpec(name, "simulated"))}, { onEvent() {} });`;
    for (const ms of [300, 700, 1500]) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: "ignore" });
      await pause(ms);
      child.kill("SIGKILL");
    }
    const state = await start(testSpec(name, "simulated"));
    expect((await clusterStatus(name)).state).toBe("running");
    await stopCluster(name, { keepData: false, onEvent });
    expect(await leftovers(state)).toEqual([]);
  }, 120_000);
});
