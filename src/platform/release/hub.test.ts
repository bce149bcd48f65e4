import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../cli/testing/landfall.ts";
import { LandfallError } from "../../util/errors.ts";
import { type HubSettings, openHub } from "./hub.ts";
import { serveMetrics } from "./hub-metrics.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "landfall-hub-"));
  process.env.LANDFALL_HOME = join(folder, "home");
});
afterEach(() => {
  delete process.env.LANDFALL_HOME;
  rmSync(folder, { recursive: true, force: true });
});

/** Settings for a fleet whose repository is in the folder. */
function write(changes: Partial<HubSettings> = {}): string {
  const kubeconfig = join(folder, "own");
  const cluster = { name: "own", cluster: { server: "https://127.0.0.1:1" } };
  const context = { name: "own", context: { cluster: "own", user: "own" } };
  const config = { clusters: [cluster], contexts: [context], "current-context": "own" };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const settings: HubSettings = {
    company: "acme",
    fleet: { url: `file://${folder}/fleet.git`, branch: "main" },
    cluster: "hub",
    kubeconfig: { own: kubeconfig },
    observed: { namespace: "flux-system" },
    lease: { namespace: "release-engine", name: "release-engine" },
    port: 0,
    ...changes,
  };
  const file = join(folder, "hub.json");
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

async function fleet(...clusters: string[]): Promise<void> {
  const git = (dir: string, ...args: string[]) =>
    run("git", ["-C", dir, "-c", "user.name=a", "-c", "user.email=a@localhost", ...args]);
  await git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "fleet.git");
  if (clusters.length === 0) return;
  await git(folder, "clone", "--quiet", "fleet.git", "work");
  const work = join(folder, "work");
  for (const name of clusters) await run("mkdir", ["-p", join(work, "clusters", name)]);
  for (const name of clusters) writeFileSync(join(work, "clusters", name, "artifacts.json"), "{}");
  await git(work, "add", "--all");
  await git(work, "commit", "--quiet", "-m", "x");
  expect(await git(work, "push", "--quiet", "origin", "HEAD:main")).toMatchObject({ code: 0 });
}

/** One more file in the fleet. */
async function commit(name: string, text: string): Promise<void> {
  const work = join(folder, "work");
  writeFileSync(join(work, name), text);
  const git = (...args: string[]) =>
    run("git", ["-C", work, "-c", "user.name=a", "-c", "user.email=a@localhost", ...args]);
  await git("add", "--all");
  await git("commit", "--quiet", "-m", name);
  expect(await git("push", "--quiet", "origin", "HEAD:main")).toMatchObject({ code: 0 });
}

const codeOf = (error: unknown) => (error instanceof LandfallError ? error.problems[0]?.code : undefined);

describe("a hub", () => {
  test("knows its own cluster and all that the fleet has", async () => {
    await fleet("eu", "hub", "us");
    const hub = await openHub(write());
    expect(hub.clusters.names()).toEqual(["hub", "eu", "us"]);
    expect(hub.lease).toMatchObject({ namespace: "release-engine", name: "release-engine" });
  });

  test("keeps the names that the fleet says clusters share, by its own ways to them", async () => {
    await fleet("eu", "hub");
    const { dns } = await openHub(write());
    expect([dns.otherwise, await dns.read()]).toEqual([undefined, undefined]);
    const clusters = [{ name: "hub", weight: 1, addresses: [], httpPort: 80 }];
    const said = { hub: "hub", namespace: "names", zones: ["example.test"], ttl: 20, owner: "acme-hub" };
    await commit("dns.json", JSON.stringify({ ...said, server: { host: "127.0.0.1", port: 53 }, clusters }));
    expect(await dns.read()).toMatchObject({ ...said, clusters });
    await commit("dns.json", "{}");
    await expect(dns.read()).rejects.toSatisfy((error) => codeOf(error) === "LF3002");
    const reached = dns.reach(["eu"]);
    await expect(reached.ask("eu", (client) => client.raw("/readyz"))).rejects.toThrow(/no way to eu/);
    reached.close();
  });

  test("opens with a fleet that is still empty", async () => {
    await fleet();
    expect((await openHub(write())).clusters.names()).toEqual(["hub"]);
  });

  test("has no way to a cluster that its kubeconfig does not name, which says nothing of that cluster", async () => {
    await fleet("eu", "hub");
    const { clusters } = await openHub(write());
    expect(await clusters.observe(["eu"], [])).toEqual({});
    expect(clusters.silence("eu")).toContain("the engine knows no way to eu");
    // The way to its own is there, though nothing answers.
    await expect(clusters.ask("hub", (client) => client.raw("/readyz"))).rejects.toSatisfy(
      (error) => codeOf(error) === "LF6001" && /does not answer/.test(String(error)),
    );
  });

  test("reaches a cluster that came later, once its kubeconfig has a context for it", async () => {
    await fleet("hub");
    const others = join(folder, "others");
    writeFileSync(others, JSON.stringify({ clusters: [], contexts: [], users: [] }));
    const { clusters } = await openHub(write({ kubeconfig: { own: join(folder, "own"), others } }));
    expect(await clusters.observe(["late"], [])).toEqual({});
    const context = { name: "late", context: { cluster: "late", user: "late" } };
    const cluster = { name: "late", cluster: { server: "https://127.0.0.1:1" } };
    writeFileSync(others, JSON.stringify({ clusters: [cluster], contexts: [context] }));
    // The way is known now, though nothing answers there.
    expect(Object.keys(await clusters.observe(["late"], []))).toEqual(["late"]);
    expect(clusters.names()).toEqual(["hub", "late"]);
    clusters.close();
  });

  test.each([
    ["a file that is not there", () => "/nowhere/hub.json", "LF1001"],
    ["settings of another version", () => write({ mode: "new" } as never), "LF1003"],
    ["a port that is none", () => write({ port: -1 }), "LF1003"],
  ])("refuses %s", async (_what, file, code) => {
    await expect(openHub(file())).rejects.toSatisfy((error) => codeOf(error) === code);
  });
});

test("what the engine did is told as metrics", async () => {
  const metrics = await serveMetrics(0);
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${metrics.port}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  try {
    expect(await get("/healthz")).toEqual({ status: 200, text: "ok\n" });
    expect((await get("/metrics")).text).toContain("landfall_release_engine_leading 0\n");
    metrics.leads(true);
    metrics.step({ action: { kind: "advance" }, commit: "c" } as never);
    metrics.step({ action: { kind: "advance" }, commit: "d" } as never);
    metrics.look({ releases: [{ phase: "running" }, { phase: "running" }], at: 1_500 } as never);
    const { text } = await get("/metrics");
    expect(text).toContain("landfall_release_engine_leading 1\n");
    expect(text).toContain("landfall_release_engine_last_look_timestamp_seconds 1.5\n");
    expect(text).toContain('landfall_releases{phase="running"} 2\n');
    expect(text).toContain('landfall_release_engine_steps_total{action="advance"} 2\n');
    expect(text).not.toContain("landfall_dns");
    metrics.dns({ type: "failed", why: "x" });
    metrics.dns({ type: "round", clusters: [{ name: "eu", weight: 1, healthy: false }] } as never);
    const names = (await get("/metrics")).text;
    expect(names).toMatch(/^landfall_dns_last_round_timestamp_seconds [1-9]/m);
    expect(names).toContain('landfall_dns_cluster_healthy{cluster="eu"} 0\n');
    expect(await get("/other")).toMatchObject({ status: 404 });
  } finally {
    await metrics.close();
  }
});
