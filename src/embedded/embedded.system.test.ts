import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LandfallError } from "../util/errors.ts";
import { requireWishedPorts } from "./choose.ts";
import { askSupervisor } from "./launch/control-client.ts";
import { run } from "./machine/run.ts";
import { until } from "./machine/wait.ts";
import { startCluster } from "./start.ts";
import { clusterStatus } from "./status.ts";
import { stopCluster } from "./stop.ts";
import {
  hostRules,
  importTestImage,
  kubectl,
  leftovers,
  temporaryHome,
  testServer,
  testSpec,
  whySkipped,
} from "./test-cluster.ts";
import type { ClusterState } from "./types.ts";

const reason = whySkipped();
if (reason) process.stderr.write(`embedded cluster tests are skipped: ${reason}\n`);

describe.skipIf(reason)("a cluster with real pods", () => {
  const onEvent = () => {};
  const start = (name: string) => startCluster(testSpec(name), { onEvent, timeoutMs: 90_000 });
  const page = async (state: ClusterState) => {
    const port = state.forwards.find((f) => f.name === "http")?.host;
    return await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) }).then(
      (r) => r.text(),
      () => "",
    );
  };
  const answers = (state: ClusterState) => async () => (await page(state)).startsWith("hello from");
  const shared = {} as ReturnType<typeof temporaryHome> & { rules: string; first: ClusterState };

  beforeAll(async () => {
    Object.assign(shared, temporaryHome());
    shared.rules = await hostRules();
    shared.first = await start("t-one");
    await importTestImage(shared.first, shared.home);
    await kubectl(shared.first, ["apply", "-f", "-"], testServer(2));
    await kubectl(shared.first, ["rollout", "status", "deployment/server", "--timeout=180s"]);
  }, 600_000);

  afterAll(async () => {
    try {
      for (const name of ["t-one", "t-two"]) await stopCluster(name, { keepData: false, onEvent });
    } finally {
      shared.remove?.();
    }
  }, 120_000);

  test("pods answer through the NodePort and the ClusterIP, logs and exec work from the host", async () => {
    const { first } = shared;
    expect(await until(answers(first), 60_000)).toBe(true);
    const ip = await kubectl(first, ["get", "service", "server", "-o", "jsonpath={.spec.clusterIP}"]);
    const inside = ["netns", "exec", first.network?.netns ?? "", process.execPath, "-e"];
    const script = `fetch("http://${ip}").then(r => r.text()).then(t => process.stdout.write(t))`;
    expect((await run("ip", [...inside, script])).stdout).toMatch(/^hello from server-/);
    expect(await kubectl(first, ["logs", "deployment/server"])).toBe("serving\n");
    expect(await kubectl(first, ["exec", "deployment/server", "--", "/pause", "aye"])).toBe("said aye\n");
  });

  test("a second start of a running cluster takes less than a second", async () => {
    const took: number[] = [];
    // The quickest of several: what else this machine does is no part of it.
    for (let tries = 0; tries < 3; tries++) {
      const began = performance.now();
      expect((await start("t-one")).root).toEqual(shared.first.root);
      took.push(performance.now() - began);
    }
    expect(Math.min(...took)).toBeLessThan(1000);
  });

  test("its own ports count as free for a new start, those of another cluster do not", async () => {
    const port = (name: string) => shared.first.forwards.find((f) => f.name === name)?.host ?? 0;
    const ports = { api: port("api"), http: port("http"), https: port("https") };
    await requireWishedPorts({ ...testSpec("t-one"), ports }, "pods");
    const error = await requireWishedPorts({ ...testSpec("t-two"), ports }, "pods").catch((e: unknown) => e);
    expect((error as LandfallError).problems[0]).toMatchObject({
      code: "LF4001",
      why: "the local cluster t-one has it",
    });
  });

  test("secrets lie encrypted in etcd", async () => {
    await kubectl(shared.first, ["create", "secret", "generic", "s", "--from-literal=k=plain-to-see"]);
    const data = join(shared.first.folder, "data", "etcd");
    const found = await run("grep", ["-rlF", "plain-to-see", data]);
    expect(found.code).toBe(1);
    const stored = await run("grep", ["-rlF", "k8s:enc:secretbox", data]);
    expect(stored.code).toBe(0);
  });

  const killable = ["kube-apiserver", "etcd", "containerd", "kubelet", "kube-proxy", "supervisor"];
  test.each(killable)(
    "kill -9 of %s is repaired, pods go on",
    async (name) => {
      const { first } = shared;
      const before = await clusterStatus("t-one");
      const pid = before.processes.find((p) => p.name === name)?.pid;
      if (pid === undefined) throw new Error(`${name} has no process`);
      const pods = await kubectl(first, ["get", "pods", "-o", "jsonpath={.items[*].metadata.name}"]);
      process.kill(pid, "SIGKILL");
      const renewed = async () => {
        const now = await clusterStatus("t-one");
        const successor = now.processes.find((p) => p.name === name)?.pid;
        return now.state === "running" && successor !== undefined && successor !== pid;
      };
      expect(await until(renewed, 60_000, 200)).toBe(true);
      if (name === "supervisor") {
        const after = await clusterStatus("t-one");
        const etcd = (s: typeof after) => s.processes.find((p) => p.name === "etcd")?.pid;
        expect(etcd(after)).toBe(etcd(before));
      }
      const works = async () =>
        await kubectl(first, ["get", "--raw", "/readyz"]).then(
          (t) => t === "ok",
          () => false,
        );
      expect(await until(works, 60_000, 200)).toBe(true);
      expect(await until(answers(first), 60_000, 200)).toBe(true);
      expect(await kubectl(first, ["get", "pods", "-o", "jsonpath={.items[*].metadata.name}"])).toBe(pods);
    },
    120_000,
  );

  test("two clusters with equal address ranges live side by side", async () => {
    const second = await start("t-two");
    await importTestImage(second, shared.home);
    await kubectl(second, ["apply", "-f", "-"], testServer(1));
    await kubectl(second, ["rollout", "status", "deployment/server", "--timeout=180s"]);
    expect(second.nodeIp).not.toBe(shared.first.nodeIp);
    expect(await until(answers(second), 60_000)).toBe(true);
    expect(await until(answers(shared.first), 60_000)).toBe(true);
    await stopCluster("t-two", { keepData: false, onEvent });
    expect(await leftovers(second)).toEqual([]);
    expect(await until(answers(shared.first), 60_000)).toBe(true);
  }, 180_000);

  test("a stop that keeps data is followed by the same cluster; so is the end of everything at once", async () => {
    await stopCluster("t-one", { keepData: true, onEvent });
    expect((await clusterStatus("t-one")).state).toBe("stopped");
    const again = await start("t-one");
    expect(again.forwards).toEqual(shared.first.forwards);
    expect(await until(answers(again), 60_000, 200)).toBe(true);
    // As after a reboot: no process, no namespace, no cgroup, but files that speak of them.
    process.kill(again.root?.pid ?? 0, "SIGKILL");
    expect(await until(async () => (await askSupervisor(again.socket)) === undefined, 60_000)).toBe(true);
    execFileSync("ip", ["link", "delete", again.network?.hostInterface ?? ""]);
    execFileSync("ip", ["netns", "delete", again.network?.netns ?? ""]);
    const rebooted = await start("t-one");
    expect(await until(answers(rebooted), 60_000, 200)).toBe(true);
  }, 180_000);

  test("an interrupted start is followed by a whole one", async () => {
    for (const ms of [50, 400, 900]) {
      await stopCluster("t-two", { keepData: false, onEvent });
      const end = AbortSignal.timeout(ms);
      const error = await startCluster(testSpec("t-two"), { onEvent, signal: end }).catch((e: unknown) => e);
      expect(String(error)).toContain("LF9003");
    }
    const whole = await start("t-two");
    await stopCluster("t-two", { keepData: false, onEvent });
    expect(await leftovers(whole)).toEqual([]);
  }, 120_000);

  test("after the stop nothing is left", async () => {
    const status = await clusterStatus("t-one");
    expect(status.memory).toBeLessThan(2.5e9);
    await stopCluster("t-one", { keepData: false, onEvent });
    expect(await leftovers(shared.first)).toEqual([]);
    expect(await hostRules()).toBe(shared.rules);
  }, 60_000);
});
