import { describe, expect, test } from "vitest";
import { startRelease } from "./start.ts";
import { readFleet } from "./store.ts";
import { inEstate, runEngine, who } from "./testing/fleet.ts";

const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");

describe("a release from start to end", () => {
  test("leaves the tree that building the new declaration gives", async () => {
    await inEstate(async ({ dir, fleet, tree, kept, build }) => {
      const started = await startRelease(dir, { apps: ["web"], version: "next", who });
      expect(started.release.moves.map(({ bundle, clusters }) => [bundle, clusters])).toEqual([
        ["app-web", ["p1", "p2", "s1"]],
      ]);
      const done = await runEngine(fleet);
      const { releases } = await readFleet(fleet);
      expect(releases.map(({ id, phase, settled }) => ({ id, phase, settled }))).toEqual([
        { id: `web-next-${day}`, phase: "succeeded", settled: true },
      ]);
      expect(done.map((step) => step.split(": ")[1])).toMatchInlineSnapshot(`
        [
          "start",
          "advance",
          "prove",
          "pass",
          "advance",
          "prove",
          "finish",
        ]
      `);
      const after = await tree();
      expect(await kept()).toEqual([
        `releases/web-next-${day}.json`,
        `releases/web-next-${day}/from/apps/web.yaml`,
      ]);
      await build();
      expect(await tree()).toEqual(after);
    });
  });

  test("rolls back to the tree that was before", async () => {
    await inEstate(async ({ dir, fleet, tree, kept }) => {
      const before = await tree();
      const { release } = await startRelease(dir, { apps: ["web"], version: "bad", who });
      const done = await runEngine(fleet, { fails: ["s1"] });
      expect(done.map((step) => step.split(": ")[1])).toMatchInlineSnapshot(`
        [
          "start",
          "advance",
          "halt",
          "return",
          "prove",
          "finish",
        ]
      `);
      expect(await tree()).toEqual(before);
      expect(await kept()).toEqual([`releases/${release.id}.json`]);
      const [ended] = (await readFleet(fleet)).releases;
      expect(ended).toMatchObject({ phase: "rolledBack", settled: true });
    });
  });
});
