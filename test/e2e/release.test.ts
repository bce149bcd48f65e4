/**
 * A bad version of the shop's storefront, released as its README says, on a real cluster with real visitors: Flagger
 * finds it by Prometheus' own numbers, the release goes back by itself, and nobody but the few that the canary got
 * sees an error.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ClusterClient, connect } from "../../src/cluster/client.ts";
import { copyShop, type Result, type ShopCopy } from "./landfall.ts";
import { templateOfPrimary, weightsTold } from "./releases.ts";
import { countBy, failed, sendVisitors, type Visit, type Visitors } from "./visitors.ts";

const root = process.getuid?.() === 0;
const by = ["--by", "ada@shop.example"];

describe.runIf(root)("a bad version of the storefront", () => {
  let shop: ShopCopy;
  let client: ClusterClient;
  let visitors: Visitors;
  let before: string | undefined;
  let released: Result;
  let visits: readonly Visit[];

  beforeAll(async () => {
    shop = await copyShop();
    const up = await shop.run("up", "--json", "--unsafe-no-fsync");
    expect(up.code, up.stdout.slice(-3000) + up.stderr).toBe(0);
    client = connect({ kubeconfig: join(shop.home, "clusters/shop-local/kubeconfig") });
    before = await templateOfPrimary(client);
    visitors = sendVisitors(shop);
    released = await shop.run("release", "start", "storefront", "--version", "bad", "--json", ...by);
    visits = await visitors.end();
  });

  afterAll(async () => {
    await visitors?.end();
    client?.close();
    await shop.run("down", "--yes");
    shop.remove();
  });

  it("halts in wave 1 and goes back by itself", () => {
    expect(released.code, released.stdout.slice(-3000) + released.stderr).toBe(1);
    expect(released.json()).toMatchObject({ ok: false, problems: [{ code: "LF4041" }] });
    const steps = released.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; action?: string })
      .flatMap(({ type, action }) => (type === "step" ? [action] : []));
    expect(steps).toEqual(expect.arrayContaining(["start", "advance", "halt", "return"]));
    expect(steps).not.toContain("pass");
    expect(Math.max(...weightsTold(released.stdout))).toBeGreaterThan(0);
  });

  it("leaves the last good version, which is proven by its template", async () => {
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    await vi.waitFor(async () => expect(await templateOfPrimary(client)).toBe(before), 30_000);
  });

  it("fails no request but those that the canary got", () => {
    const { primary, canary, nobody } = countBy(visits);
    expect(failed(visits).filter((visit) => visit.by !== "canary")).toEqual([]);
    expect(nobody).toEqual([0, 0]);
    // Both had some, or this proves nothing.
    expect(primary[0]).toBeGreaterThan(100);
    expect(canary[1]).toBeGreaterThan(0);
    expect(canary[0]).toBeLessThan(primary[0]);
  });

  it("explains it: the metric that decided, the commit and the line of the declaration", async () => {
    const { code, stdout, stderr } = await shop.run("release", "history", "storefront");
    expect(code).toBe(0);
    expect(stderr).toMatch(/next: landfall release acknowledge storefront-bad-\d+ --restore/);
    expect(stdout).toMatch(/rolled back/);
    expect(stdout).toMatch(/error-rate \d+(\.\d+)? > 1\b/);
    expect(stdout).toMatch(/storefront +values\/all\.json:\d+/);
    const told = (await shop.run("release", "history", "storefront", "--json")).json() as unknown as {
      release: { phase: string; evidence: object[] };
      commits: Record<string, string>;
    };
    expect(told.release).toMatchObject({ phase: "rolledBack" });
    expect(told.release.evidence.length).toBeGreaterThan(0);
    for (const commit of Object.values(told.commits)) expect(commit).toMatch(/^[0-9a-f]{40}$/);
  });

  it("keeps the next release back until somebody has seen why", async () => {
    const again = await shop.run("release", "start", "storefront", "--version", "fresh", "--json", ...by);
    expect(again.code).not.toBe(0);
    expect(again.stdout).toContain("landfall release acknowledge");
  });

  it("puts the declaration back to what runs, by one command", async () => {
    const done = await shop.run("release", "acknowledge", "storefront", "--restore", ...by);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toContain("storefront: config.faults.json.errorRate 0.5 → none");
    const again = await shop.run("release", "start", "storefront", "--dry-run", "--json", ...by);
    expect(again.stdout, again.stderr).toContain("nothing changes for storefront");
  });
});
