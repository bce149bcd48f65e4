/**
 * Releases over three real control planes, the first wave's with real pods and visitors through its gateway: all proofs
 * that take long. The shortest are in `lab/clusters`.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, labPrograms, startLab } from "../../lab/clusters/clusters.ts";
import { hostOf } from "../../lab/clusters/company.ts";
import { runKilled, until } from "../../lab/clusters/engine.ts";
import { apiServerFailure } from "../../lab/clusters/failures.ts";
import { availableOf, clusterOf, envOf, servedOf, weightsOf } from "../../lab/clusters/look.ts";
import {
  actionsOf,
  begin,
  finish,
  over,
  primaries,
  releaseOf,
  say,
  withEngine,
} from "../../lab/clusters/releases.ts";

const root = process.getuid?.() === 0;
const programs = root ? await labPrograms() : undefined;
if (!programs)
  process.stderr.write(
    `releases over clusters are not tested: ${root ? "a program is not in the cache yet" : "real pods need root"}\n`,
  );

const minutes = 60_000;
const stands = { state: "updated" };
/** The share of requests to `app` that failed lately. */
const failedShare = (app: string) => {
  const rate = (status: string) =>
    `sum(rate(http_server_request_duration_seconds_count{app="${app}"${status}}[10s]))`;
  return `(${rate(',http_response_status_code=~"5.."')} or vector(0)) / ${rate("")}`;
};
const later = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

describe.skipIf(!programs)("releases over three clusters", { timeout: 15 * minutes }, () => {
  let lab: Lab;
  /** Visits before Flagger had taken `web` over. */
  let settled = 0;
  beforeAll(async () => {
    if (!programs) return;
    lab = await startLab(programs, { realPods: true });
    await primaries(lab, "web");
    settled = lab.visitors?.visits.length ?? 0;
  }, 10 * minutes);
  afterAll(async () => {
    await lab?.stop();
  }, 2 * minutes);

  /** Visits of `web` since `from`: how many the pods of each role answered, and which of them not well. */
  const visitsOf = (from: number) => {
    const own = lab.visitors?.visits.slice(from).filter(({ host }) => host === hostOf("web")) ?? [];
    const [primary, canary] = [/^web-primary-/, /^web-(?!primary-)/].map((role) =>
      own.filter(({ pod }) => role.test(pod ?? "")),
    );
    return { own, primary: primary ?? [], canary: canary ?? [] };
  };
  const everywhere = (app: string, variable: string) =>
    Promise.all([...lab.clusters.values()].map((own) => envOf(own, app, variable)));
  const acted = async (id: string, action: string, cluster?: string) => {
    const { log } = await releaseOf(lab, id);
    return log.some((one) => one.action === action && (!cluster || one.clusters?.includes(cluster)));
  };

  test("a good version goes through all waves, each cluster by its canary, after somebody approved", async () => {
    lab.declare({ first: { gates: [{ approval: {} }] }, rest: { concurrency: 2 } });
    const id = await begin(lab, "web", "good");
    await withEngine(lab, async (engine) => {
      const waits = async () => (await releaseOf(lab, id)).provenAt !== undefined;
      await until(waits, 5 * minutes, engine.said);
      expect(await releaseOf(lab, id)).toMatchObject({
        wave: 0,
        clusters: { one: stands, two: { state: "waiting" }, three: { state: "waiting" } },
      });
      const stranger = ["release", "approve", id, "--by", "eve@lab.test", "--json"];
      expect((await lab.landfall(...stranger)).stdout).toMatch(/LF4023/);
      expect(await acted(id, "pass")).toBe(false);
      expect((await say(lab, "approve", id)).code).toBe(0);
      await until(() => over(lab, id), 8 * minutes, engine.said);
    });
    expect(await releaseOf(lab, id)).toMatchObject({
      ...{ phase: "succeeded", settled: true },
      clusters: { one: stands, two: stands, three: stands },
    });
    const actions = await actionsOf(lab, id);
    expect(actions.indexOf("approve")).toBeLessThan(actions.indexOf("pass"));
    expect(await everywhere("web-primary", "VERSION")).toEqual(["good", "good", "good"]);
    lab.declare({});
  });

  test("a slow version is halted in the first wave and goes back, its engine killed after each commit", async () => {
    const from = lab.visitors?.visits.length ?? 0;
    const id = await begin(lab, "web", "slow");
    expect(await runKilled(lab, () => over(lab, id))).toBeGreaterThan(3);
    const release = await releaseOf(lab, id);
    expect(release).toMatchObject({
      ...{ phase: "rolledBack", wave: 0, reason: expect.stringMatching(/^one: .*latency-p99 \d+/) },
      clusters: { one: { state: "returned" }, two: { state: "waiting" }, three: { state: "waiting" } },
    });
    const actions = await actionsOf(lab, id);
    expect(actions.filter((one) => one === "halt" || one === "return")).toEqual(["halt", "return"]);
    expect(await everywhere("web-primary", "VERSION")).toEqual(["good", "good", "good"]);
    expect(await weightsOf(clusterOf(lab, "one"), "web")).toEqual({ "web-primary": 100, "web-canary": 0 });
    expect(visitsOf(from).canary.length).toBeGreaterThan(0);
    expect((await say(lab, "acknowledge", id)).code).toBe(0);
  });

  test("a cluster that is lost in mid-wave is not waited for, and gets it from Git when it is back", async () => {
    const two = clusterOf(lab, "two");
    const outage = await apiServerFailure(two);
    const id = await begin(lab, "api", "better");
    const undone = await withEngine(lab, async (engine) => {
      await until(() => acted(id, "advance", "two"), 3 * minutes, engine.said, 5);
      const failure = outage.begin();
      const ended = until(() => over(lab, id), 3 * minutes, engine.said);
      return ended.then(
        () => failure,
        (error: unknown) => failure.undo().then(() => Promise.reject(error)),
      );
    });
    const release = await releaseOf(lab, id);
    await undone.undo();
    expect(release).toMatchObject({
      phase: "succeeded",
      clusters: { one: stands, three: stands, two: { state: "away" } },
    });
    await until(async () => (await servedOf(two, "api", "VERSION")) === "better", 2 * minutes);
    expect(await everywhere("api", "VERSION")).toEqual(["better", "better", "better"]);
    await until(async () => (await availableOf(two, "web-primary")) > 0, 3 * minutes);
  });

  test("a wave goes ahead where a query holds on the Prometheus of every cluster", async () => {
    const gates = [{ name: "errors", promql: failedShare("api"), max: 0.01, on: "updated" }];
    lab.declare({ first: { gates }, rest: { gates } });
    const id = await begin(lab, "api", "hotfix");
    expect(await finish(lab, id)).toMatchObject({
      ...{ phase: "succeeded", wave: 1 },
      clusters: { one: stands, two: stands, three: stands },
    });
    expect(await everywhere("api", "VERSION")).toEqual(["hotfix", "hotfix", "hotfix"]);
    lab.declare({});
  });

  test("a query about real requests halts the first wave of what no canary looks at", async () => {
    const gates = [{ soak: "30s" }, { name: "errors", promql: failedShare("api"), max: 0.05 }];
    lab.declare({ first: { gates } });
    const id = await begin(lab, "api", "bad");
    expect(await finish(lab, id)).toMatchObject({
      ...{ phase: "rolledBack", wave: 0, reason: expect.stringMatching(/^one: gate errors: 0\.\d+ .*0\.05/) },
      clusters: { one: { state: "returned" }, two: { state: "waiting" }, three: { state: "waiting" } },
    });
    expect(await actionsOf(lab, id)).not.toContain("pass");
    expect(await everywhere("api", "VERSION")).toEqual(["hotfix", "hotfix", "hotfix"]);
    expect((await say(lab, "acknowledge", id)).code).toBe(0);
    lab.declare({});
  });

  test("a query that gives nothing on one of the clusters halts the wave, and all go back", async () => {
    // Of containers only real ones tell.
    const gates = [{ name: "containers", promql: 'count(up{job="containers"})', min: 1, on: "updated" }];
    lab.declare({ first: { gates }, rest: { gates, timeout: "40s" } });
    const id = await begin(lab, "api", "better");
    const back = { state: "returned" };
    expect(await finish(lab, id, 6 * minutes)).toMatchObject({
      ...{ phase: "rolledBack", wave: 1, reason: expect.stringMatching(/^gate containers: no data/) },
      clusters: { one: back, two: back, three: back },
    });
    const actions = await actionsOf(lab, id);
    expect(actions.indexOf("pass")).toBeLessThan(actions.indexOf("halt"));
    expect(await everywhere("api", "VERSION")).toEqual(["hotfix", "hotfix", "hotfix"]);
    expect((await say(lab, "acknowledge", id)).code).toBe(0);
    lab.declare({});
  });

  test("a freeze keeps releases from starting and going on, and a hotfix passes it", async () => {
    const freeze = { from: later(45), until: later(110), reason: "the year's end" };
    lab.declare({ first: { gates: [{ approval: {} }] }, freezes: [freeze] });
    const id = await begin(lab, "api", "good");
    await withEngine(lab, async (engine) => {
      const waits = async () => (await releaseOf(lab, id)).provenAt !== undefined;
      await until(waits, 1 * minutes, engine.said);
      await until(() => Date.now() > Date.parse(freeze.from), 1 * minutes);
      expect((await say(lab, "approve", id)).code).toBe(0);
      const refused = await say(lab, "start", "web", "--version", "better", "--no-follow");
      expect(refused.codes).toEqual(["LF4026"]);
      expect((await say(lab, "start", "web", "--version", "better", "--hotfix", "--dry-run")).code).toBe(0);
      expect(Date.now()).toBeLessThan(Date.parse(freeze.until));
      expect(await acted(id, "pass")).toBe(false);
      await until(() => over(lab, id), 4 * minutes, engine.said);
    });
    const { phase, log } = await releaseOf(lab, id);
    expect(phase).toBe("succeeded");
    const passed = log.find(({ action }) => action === "pass")?.at ?? "";
    expect(Date.parse(passed)).toBeGreaterThanOrEqual(Date.parse(freeze.until));
    lab.declare({});
  });

  test("a hotfix overtakes a release in the midst of its canary", async () => {
    lab.declare({ rest: { concurrency: 2 } });
    const id = await begin(lab, "web", "better");
    const weight = async () => (await weightsOf(clusterOf(lab, "one"), "web"))["web-canary"] ?? 0;
    await withEngine(lab, (engine) => until(async () => (await weight()) > 0, 3 * minutes, engine.said, 500));
    const hotfix = await begin(lab, "web", "hotfix", "--hotfix");
    expect(await finish(lab, hotfix, 12 * minutes)).toMatchObject({ phase: "succeeded" });
    expect(await releaseOf(lab, id)).toMatchObject({ phase: "superseded" });
    expect(await actionsOf(lab, id)).toContain("supersede");
    expect(await everywhere("web-primary", "VERSION")).toEqual(["hotfix", "hotfix", "hotfix"]);
  });

  test("through all of this no visitor of the released app met an error", () => {
    const { own, primary, canary } = visitsOf(settled);
    expect(Math.min(primary.length, canary.length)).toBeGreaterThan(100);
    expect(own.filter(({ result }) => result !== 200)).toEqual([]);
  });
});
