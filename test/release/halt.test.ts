/** How soon a failing metric halts a release over three control planes, and what it leaves behind. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, labPrograms, startLab } from "../../lab/clusters/clusters.ts";
import { haltLimitMs, pace } from "../../lab/clusters/company.ts";
import { haltTimes, queryOf } from "../../lab/clusters/latency.ts";
import { clusterOf, envOf, weightsOf } from "../../lab/clusters/look.ts";
import { actionsOf, begin, finish, primaries, say, withEngine } from "../../lab/clusters/releases.ts";

const programs = await labPrograms();
if (!programs) process.stderr.write("halts are not tested: a program is not in the cache yet\n");

describe.skipIf(!programs)("a bad version over three clusters", { timeout: 400_000 }, () => {
  let lab: Lab;
  beforeAll(async () => {
    if (programs) lab = await startLab(programs);
  }, 600_000);
  afterAll(async () => {
    await lab?.stop();
  }, 120_000);

  test("is halted in its first wave by what Prometheus says, goes back, and blocks the next", async () => {
    const one = clusterOf(lab, "one");
    await primaries(lab, "web");
    const id = await begin(lab, "web", "bad");
    const query = await queryOf(one, "web", "error-rate", `${pace.interval}s`);
    const { metric, commit } = await withEngine(lab, () =>
      haltTimes(lab, one, { query, max: 1, release: id }),
    );
    if (process.env.LANDFALL_TEST_FIGURES)
      process.stderr.write(`from the failing metric to the halting commit: ${(commit - metric) / 1000} s\n`);
    expect(commit - metric).toBeLessThan(haltLimitMs);
    const release = await finish(lab, id);
    expect(release).toMatchObject({
      ...{ phase: "rolledBack", wave: 0, reason: expect.stringMatching(/^one: .*error-rate \d\d\.\d\d > 1/) },
      clusters: { one: { state: "returned" }, two: { state: "waiting" }, three: { state: "waiting" } },
    });
    expect(await actionsOf(lab, id)).toContain("halt");
    expect(await weightsOf(one, "web")).toEqual({ "web-primary": 100, "web-canary": 0 });
    for (const own of lab.clusters.values()) {
      expect(await envOf(own, "web-primary", "FAULT_ERRORS")).toBeUndefined();
      expect(await envOf(own, "web", "FAULT_ERRORS")).toBeUndefined();
    }
    const blocked = await say(lab, "start", "web", "--version", "good", "--no-follow");
    expect(blocked.codes).toEqual(["LF4028"]);
    expect((await say(lab, "acknowledge", id)).code).toBe(0);
    expect((await say(lab, "start", "web", "--version", "good", "--dry-run")).code).toBe(0);
  });
});
