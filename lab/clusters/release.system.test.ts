/** A release over three real control planes: the shortest proof. The others are in `test/release`. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, labPrograms, startLab } from "./clusters.ts";
import { runKilled } from "./engine.ts";
import { envOf } from "./look.ts";
import { actionsOf, begin, over, releaseOf } from "./releases.ts";

const programs = await labPrograms();
if (!programs)
  process.stderr.write("releases over clusters are not tested: a program is not in the cache yet\n");

describe.skipIf(!programs)("a release over three clusters", { timeout: 400_000 }, () => {
  let lab: Lab;
  beforeAll(async () => {
    if (programs) lab = await startLab(programs);
  }, 600_000);
  afterAll(async () => {
    await lab?.stop();
  }, 120_000);

  test("goes through all waves, although its engine is killed after each commit", async () => {
    const id = await begin(lab, "api", "good");
    const kills = await runKilled(lab, () => over(lab, id));
    expect(kills).toBeGreaterThan(4);
    const release = await releaseOf(lab, id);
    expect(release.phase).toBe("succeeded");
    const actions = await actionsOf(lab, id);
    expect(actions.filter((one) => one === "finish")).toHaveLength(1);
    const passed = actions.indexOf("pass");
    const told = release.log.filter(({ action }) => action === "advance");
    const [first, ...rest] = told;
    expect(first).toMatchObject({ clusters: ["one"] });
    expect(first?.step).toBeLessThan(passed);
    expect(rest.flatMap(({ clusters }) => clusters).sort()).toEqual(["three", "two"]);
    for (const { step } of rest) expect(step).toBeGreaterThan(passed);
    for (const own of lab.clusters.values()) expect(await envOf(own, "api", "VERSION")).toBe("good");
  });
});
