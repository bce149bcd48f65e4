/** Releases over three real control planes: all proofs that take long. The shortest are in `lab/clusters`. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, labPrograms, startLab } from "../../lab/clusters/clusters.ts";
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

const programs = await labPrograms();
if (!programs)
  process.stderr.write("releases over clusters are not tested: a program is not in the cache yet\n");

const minutes = 60_000;
const stands = { state: "updated" };
const later = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

describe.skipIf(!programs)("releases over three clusters", { timeout: 15 * minutes }, () => {
  let lab: Lab;
  beforeAll(async () => {
    if (!programs) return;
    lab = await startLab(programs);
    await primaries(lab, "web");
  }, 10 * minutes);
  afterAll(async () => {
    await lab?.stop();
  }, 2 * minutes);

  const everywhere = (app: string, variable: string) =>
    Promise.all([...lab.clusters.values()].map((own) => envOf(own, app, variable)));
  const acted = async (id: string, action: string, cluster?: string) => {
    const { log } = await releaseOf(lab, id);
    return log.some((one) => one.action === action && (!cluster || one.clusters?.includes(cluster)));
  };

  test("a good version goes through all waves, each cluster by its canary, after somebody approved", async () => {
    lab.declare({ gates: [{ approval: {} }] });
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
    const id = await begin(lab, "web", "slow");
    expect(await runKilled(lab, () => over(lab, id))).toBeGreaterThan(3);
    const release = await releaseOf(lab, id);
    expect(release).toMatchObject({
      ...{ phase: "rolledBack", wave: 0, reason: expect.stringMatching(/^one: .*latency-p99/) },
      clusters: { one: { state: "returned" }, two: { state: "waiting" }, three: { state: "waiting" } },
    });
    const actions = await actionsOf(lab, id);
    expect(actions.filter((one) => one === "halt" || one === "return")).toEqual(["halt", "return"]);
    expect(await everywhere("web-primary", "VERSION")).toEqual(["good", "good", "good"]);
    expect(await weightsOf(clusterOf(lab, "one"), "web")).toEqual({ "web-primary": 100, "web-canary": 0 });
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

  test("a freeze keeps releases from starting and going on, and a hotfix passes it", async () => {
    const freeze = { from: later(45), until: later(110), reason: "the year's end" };
    lab.declare({ gates: [{ approval: {} }], freezes: [freeze] });
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
    const id = await begin(lab, "web", "better");
    const weight = async () => (await weightsOf(clusterOf(lab, "one"), "web"))["web-canary"] ?? 0;
    await withEngine(lab, (engine) => until(async () => (await weight()) > 0, 3 * minutes, engine.said, 500));
    const hotfix = await begin(lab, "web", "hotfix", "--hotfix");
    expect(await finish(lab, hotfix, 12 * minutes)).toMatchObject({ phase: "succeeded" });
    expect(await releaseOf(lab, id)).toMatchObject({ phase: "superseded" });
    expect(await actionsOf(lab, id)).toContain("supersede");
    expect(await everywhere("web-primary", "VERSION")).toEqual(["hotfix", "hotfix", "hotfix"]);
  });
});
