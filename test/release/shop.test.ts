/**
 * The storefront's versions on a real cluster, with visitors through the gateway and judged by real Prometheus data: a
 * good one is promoted share by share, bad ones go back, and what is released stays reachable while canaries are
 * turned off and on. The one with failing requests is in `test/e2e/release.test.ts`.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ClusterClient, connect } from "../../src/cluster/client.ts";
import { copyShop, type Result, type ShopCopy } from "../e2e/landfall.ts";
import { templateOfPrimary, weightsTold } from "../e2e/releases.ts";
import { countBy, failed, sendVisitors, type Visit } from "../e2e/visitors.ts";

const root = process.getuid?.() === 0;
if (!root) process.stderr.write("skipped: real pods need root\n");

const canary = { apiVersion: "flagger.app/v1beta1", kind: "Canary" };
const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
const by = ["--by", "ada@shop.example"];
const declaredRelease = /\n {2}release: \{\n {4}canary: \{[\s\S]*?\n {4}\},\n {2}\},/;
const soon = { timeout: 180_000, interval: 1000 };

describe.runIf(root)("the storefront's versions", () => {
  let shop: ShopCopy;
  let client: ClusterClient;

  beforeAll(async () => {
    shop = await copyShop();
    const up = await shop.run("up", "--json", "--unsafe-no-fsync");
    expect(up.code, up.stdout.slice(-3000) + up.stderr).toBe(0);
    client = connect({ kubeconfig: join(shop.home, "clusters/shop-local/kubeconfig") });
  });

  afterAll(async () => {
    client?.close();
    await shop.run("down", "--yes");
    shop.remove();
  });

  it("promotes a good version share by share, and nobody sees an error", async () => {
    const before = await templateOfPrimary(client);
    const { result, visits } = await underVisitors(() => release("fresh"));
    expect(result.code, result.stdout.slice(-3000) + result.stderr).toBe(0);
    expect(result.json()).toMatchObject({ ok: true, release: { phase: "succeeded" } });
    expect(weightsTold(result.stdout)).toEqual(expect.arrayContaining([10, 20, 30, 40, 50]));
    expect(failed(visits)).toEqual([]);
    const { primary, canary: looked } = countBy(visits);
    expect(Math.min(primary[0], looked[0])).toBeGreaterThan(20);
    expect(await templateOfPrimary(client)).not.toBe(before);
    expect(visits.at(-1)).toMatchObject({ by: "primary", banner: expect.stringContaining("Fresh in") });
  });

  it.each([
    ["slow", /latency-p99 \d+(\.\d+)? > 500/],
    ["leaky", /memory \d+(\.\d+)? > 45/],
  ])("takes the %s version back for what it does", async (version, reason) => {
    const before = await templateOfPrimary(client);
    const { result, visits } = await underVisitors(() => release(version));
    expect(result.code, result.stdout.slice(-3000) + result.stderr).toBe(1);
    const history = await shop.run("release", "history", "storefront");
    expect(history.stdout).toMatch(/rolled back/);
    expect(history.stdout).toMatch(reason);
    expect(await templateOfPrimary(client)).toBe(before);
    expect(failed(visits).filter((visit) => visit.by !== "canary")).toEqual([]);
    expect(countBy(visits).canary[0]).toBeGreaterThan(0);
    expect((await shop.run("release", "acknowledge", "storefront", ...by)).code).toBe(0);
  });

  it("is taken back by Flagger alone where a commit brings it without a release", async () => {
    const before = await templateOfPrimary(client);
    // What releases set is taken back; the declaration itself has the fault.
    rmSync(join(shop.dir, "values"), { recursive: true, force: true });
    const storefront = /(expose: \[\{ host: "shop.localhost" \}\],)/;
    shop.edit(storefront, `$1 env: { BANNER: "Fresh in: storm lanterns, and rope by the fathom." },`);
    shop.edit(/("services\/storefront"[\s\S]*?"faults.json": )noFaults/, "$1{ ...noFaults, errorRate: 0.5 }");
    const { visits } = await underVisitors(async () => {
      await commit();
      await vi.waitFor(async () => expect((await canaryStatus())?.phase).toBe("Failed"), soon);
    });
    expect(await templateOfPrimary(client)).toBe(before);
    expect(failed(visits).filter((visit) => visit.by !== "canary")).toEqual([]);
    expect(countBy(visits).canary[1]).toBeGreaterThan(0);
  });

  it("ceases to be released by canary and begins again without a failed request", async () => {
    let declared = "";
    // Flagger has just refused the version that the workload still has: its pods must not be what wakes.
    const { visits } = await underVisitors(async () => {
      shop.edit(
        "{ ...noFaults, errorRate: 0.5 } },\n  calls: [catalog, cart]",
        "noFaults },\n  calls: [catalog, cart]",
      );
      shop.edit(declaredRelease, (text) => {
        declared = text;
        return "";
      });
      await commit();
      await vi.waitFor(async () => {
        expect(await client.get(canary, "storefront", "shop")).toBeUndefined();
        expect(await client.get(deployment, "storefront-primary", "shop")).toBeUndefined();
        // The autoscaler may have asked for more than one.
        const live = await client.get(deployment, "storefront", "shop");
        expect((live?.status as { readyReplicas?: number } | undefined)?.readyReplicas).toBeGreaterThan(0);
      }, soon);
      shop.edit("  versions: {", `${declared.slice(1)}\n  versions: {`);
      await commit();
      await vi.waitFor(async () => {
        expect((await canaryStatus())?.phase).toBe("Initialized");
        expect((await client.get(deployment, "storefront", "shop"))?.spec).toMatchObject({ replicas: 0 });
      }, soon);
    });
    expect(visits.length).toBeGreaterThan(100);
    expect(failed(visits)).toEqual([]);
    expect(visits.at(-1)?.by).toBe("primary");
  });

  function release(version: string): Promise<Result> {
    return shop.run("release", "start", "storefront", "--version", version, "--json", ...by);
  }

  async function commit(): Promise<void> {
    const built = await shop.run("build", "--commit", "--json");
    expect(built.code, built.stdout.slice(-3000) + built.stderr).toBe(0);
  }

  async function canaryStatus(): Promise<{ phase?: string } | undefined> {
    return (await client.get(canary, "storefront", "shop"))?.status as { phase?: string } | undefined;
  }

  async function underVisitors<T>(work: () => Promise<T>): Promise<{ result: T; visits: readonly Visit[] }> {
    const visitors = sendVisitors(shop);
    try {
      return { result: await work(), visits: await visitors.end() };
    } finally {
      await visitors.end();
    }
  }
});
