import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { command } from "../../release/index.ts";
import { LandfallError } from "../../util/errors.ts";
import { commitFleet } from "../build.ts";
import { planFleet } from "../plan.ts";
import { startRelease } from "./start.ts";
import { commitAction, readFleet } from "./store.ts";
import { company, type Estate, hosted, inEstate, runEngine, who } from "./testing/fleet.ts";

const edit = ({ dir }: Estate, from: string, to: string) => {
  const file = join(dir, "landfall.config.yaml");
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${from} is not declared`);
  writeFileSync(file, text.replace(from, to));
};
const web = (paths: Map<string, string>) => [...paths].filter(([path]) => path.includes("web"));
const pointers = async ({ fleet }: Estate) => (await readFleet(fleet)).pointers;

test.each([
  ["a repository of this machine", company],
  ["a Git host", hosted],
])(
  "a build in the middle of a release changes other apps alone and says what it kept, on %s",
  async (_where, yaml) => {
    await inEstate(async (estate) => {
      const { dir, fleet, tree, kept, plan } = estate;
      const { release } = await startRelease(dir, { apps: ["web"], version: "next", who });
      await runEngine(fleet, { until: (done) => done.length === 3 });
      const [before, contents, reads] = [await tree(), await kept(), await pointers(estate)];
      expect(contents.length).toBeGreaterThan(2);

      expect((await planFleet(dir)).changes.units).toEqual([]);
      edit(estate, "cart:1.1.0", "cart:1.2.0");
      edit(estate, "web:1.0.0", "web:3.0.0");
      const planned = await planFleet(dir);
      expect(planned.changes.units.map(({ bundle }) => bundle)).toEqual(["app-cart"]);
      expect(planned.warnings).toContainEqual(
        expect.objectContaining({
          code: "LF4036",
          severity: "info",
          what: "app-web stays as the fleet has it",
        }),
      );
      const built = await commitFleet(await plan(), "build");
      expect(built.held).toEqual([
        { release: release.id, phase: "running", bundles: ["app-web"], again: false },
      ]);
      const after = await tree();
      expect([...after].filter(([path, oid]) => before.get(path) !== oid).map(([path]) => path)).toEqual([
        "apps/cart.yaml",
      ]);
      expect(web(after)).toEqual(web(before));
      expect(await kept()).toEqual(contents);
      expect(await pointers(estate)).toEqual(reads);
      await runEngine(fleet);
      expect((await readFleet(fleet)).releases[0]).toMatchObject({ phase: "succeeded", settled: true });
    }, yaml);
  },
);

test("what failed is not built, neither before somebody has looked at it nor afterwards, until something else is declared", async () => {
  await inEstate(async (estate) => {
    const { dir, fleet, tree, build, plan } = estate;
    const before = await tree();
    const { release } = await startRelease(dir, { apps: ["web"], version: "bad", who });
    await runEngine(fleet, { fails: ["s1"] });
    await build();
    expect(await tree()).toEqual(before);
    const { head = "", releases } = await readFleet(fleet);
    const step = command(releases, release.id, { kind: "acknowledge" }, { by: who.email, at: Date.now() });
    if (!("release" in step)) throw new LandfallError([step]);
    await commitAction(fleet, head, step, who);
    const [held] = (await commitFleet(await plan(), "build")).held;
    expect(held).toEqual({ release: release.id, phase: "rolledBack", bundles: ["app-web"], again: true });
    expect((await planFleet(dir)).changes.units).toEqual([]);
    expect(await tree()).toEqual(before);
    // Another budget around the same pods is no other version.
    edit(
      estate,
      "    image: ghcr.io/acme/web:1.0.0\n",
      "    image: ghcr.io/acme/web:1.0.0\n    disruption: { maxUnavailable: 2 }\n",
    );
    await build();
    expect(web(await tree())).toEqual(web(before));
    edit(estate, "web:1.0.0", "web:1.0.1");
    await build();
    expect(web(await tree())).not.toEqual(web(before));
  });
});

test("an app cannot be removed while it is released, and nothing is half done", async () => {
  await inEstate(async (estate) => {
    const { dir, tree, plan } = estate;
    const { release } = await startRelease(dir, { apps: ["cart"], patch: { env: { A: "1" } }, who });
    const before = await tree();
    edit(estate, "  cart:\n    image: ghcr.io/acme/cart:1.1.0\n    ports: { http: 8080 }\n", "");
    writeFileSync(join(dir, "values/all.json"), '{"apps":{}}\n');
    const error = await commitFleet(await plan(), "build").catch((thrown: unknown) => thrown);
    if (!(error instanceof LandfallError)) throw error;
    expect(error.problems[0]).toMatchObject({
      code: "LF4036",
      fix: expect.stringContaining(`landfall release abort ${release.id}`),
    });
    expect(await tree()).toEqual(before);
  });
});

test("the way back from a release is kept until something is built over it", async () => {
  await inEstate(async (estate) => {
    const { dir, fleet, kept, build } = estate;
    await startRelease(dir, { apps: ["web"], version: "next", who });
    await runEngine(fleet);
    const before = await kept();
    edit(estate, "cart:1.1.0", "cart:1.2.0");
    await build();
    expect(await kept()).toEqual(before);
    edit(estate, "web:1.0.0", "web:3.0.0");
    await build();
    expect(await kept()).toEqual(before.filter((path) => path.endsWith(".json")));
  });
});

test("a hand-over of another app goes on beside a release, and neither undoes the other", async () => {
  await inEstate(async (estate) => {
    const { dir, fleet, tree, plan } = estate;
    await startRelease(dir, { apps: ["web"], version: "next", who });
    await runEngine(fleet, { until: (done) => done.length === 3 });
    const reads = await pointers(estate);
    edit(estate, "  cart:\n", "  basket:\n");
    edit(estate, "waves:", "moved: [{ from: cart, to: basket }]\nwaves:");
    const steps = (await commitFleet(await plan(), "build")).steps.map(
      ({ bundle, phase }) => `${bundle} ${phase}`,
    );
    expect(new Set(steps)).toEqual(new Set(["app-cart orphan"]));
    expect(await pointers(estate)).toEqual(reads);
    await runEngine(fleet);
    const handed = [...(await tree()).keys()].filter((path) => path.endsWith("hand-over.yaml"));
    expect(handed).toHaveLength(3);
    expect((await commitFleet(await plan(), "build")).steps).toHaveLength(3);
    expect((await readFleet(fleet)).releases[0]).toMatchObject({ phase: "succeeded", settled: true });
  });
});
