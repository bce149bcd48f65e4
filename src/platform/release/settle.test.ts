import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { command, type Release } from "../../release/index.ts";
import { LandfallError } from "../../util/errors.ts";
import { pointersOf } from "./pointer-revisions.ts";
import { startRelease } from "./start.ts";
import { commitAction, type ReleaseFleet, readFleet } from "./store.ts";
import { company, hosted, inEstate, runEngine, who } from "./testing/fleet.ts";

const bad = { apps: ["web"], version: "bad", who };

async function acknowledge(fleet: ReleaseFleet, id: string): Promise<void> {
  const { head = "", releases } = await readFleet(fleet);
  const step = command(releases, id, { kind: "acknowledge" }, { by: who.email, at: Date.now() });
  if (!("release" in step)) throw new LandfallError([step]);
  await commitAction(fleet, head, step, who);
}

function redeclare(dir: string, from: string, to: string): void {
  const file = join(dir, "landfall.config.yaml");
  const text = readFileSync(file, "utf8");
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

const standing = ({ phase, settled, clusters }: Release) => ({
  ...{ phase, settled },
  clusters: Object.fromEntries(Object.entries(clusters).map(([name, { state }]) => [name, state])),
});

test.each([
  ["a repository of this machine", company],
  ["a Git host", hosted],
])("contents of folders settle as well, over %s", async (_where, yaml) => {
  const withDns = yaml.replace("parts: { flux: {} }", "parts: { flux: {}, coredns: {} }");
  await inEstate(async ({ dir, fleet, tree, kept, build }) => {
    const before = await tree();
    redeclare(dir, "coredns: {}", "coredns: { replicas: 3 }");
    const { release } = await startRelease(dir, { apps: [], who });
    expect(release.moves).toMatchObject([
      { bundle: "part-coredns", settled: { from: "parts/coredns/base", to: "parts/coredns/base" } },
    ]);
    expect(release.moves[0]?.to.workloads).toMatchObject([{ kind: "Deployment", name: "coredns" }]);
    await runEngine(fleet, { until: (done) => done.length === 3 });
    expect(await kept()).toContain(`releases/${release.id}/to/parts/coredns/base/deployment-coredns.yaml`);
    await runEngine(fleet);
    const after = await tree();
    expect(after).not.toEqual(before);
    await build();
    expect(await tree()).toEqual(after);
  }, withDns);
});

test("a rollback over a Git host gives the tree that was before", async () => {
  await inEstate(async ({ dir, fleet, tree, kept }) => {
    const before = await tree();
    const { release } = await startRelease(dir, bad);
    await runEngine(fleet, { fails: ["p1"] });
    expect(await tree()).toEqual(before);
    expect(await kept()).toEqual([`releases/${release.id}.json`]);
  }, hosted);
});

test.each([
  ["wave", "rolledBack", { s1: "updated", p1: "returned", p2: "returned" }],
  ["none", "halted", { s1: "updated", p1: "updating", p2: "updating" }],
])(
  "what a failure left half-way (onFailure: %s) is the next build's, once it was seen and declared anew",
  async (onFailure, phase, clusters) => {
    const yaml = company.replace("waves:", `releases: { onFailure: ${onFailure} }\nwaves:`);
    await inEstate(async ({ dir, fleet, tree, kept, build, plan }) => {
      const before = await tree();
      const { release } = await startRelease(dir, bad);
      await runEngine(fleet, { fails: ["p1"] });
      expect(standing((await readFleet(fleet)).releases[0] as Release)).toMatchObject({
        ...{ phase, settled: false, clusters },
      });
      const half = await tree();
      await build();
      expect(await tree()).toEqual(half);
      await acknowledge(fleet, release.id);
      writeFileSync(join(dir, "values/all.json"), '{ "apps": {} }');
      await build();
      expect(await tree()).toEqual(before);
      expect(await kept()).toEqual([`releases/${release.id}.json`]);
      expect((await readFleet(fleet)).releases[0]).toMatchObject({ phase, settled: true });
      expect((await plan()).company).toBe("acme");
      const again = await startRelease(dir, { ...bad, version: "next" });
      expect(again.release.moves[0]?.clusters).toEqual(["p1", "p2", "s1"]);
    }, yaml);
  },
);

test("a release after one that was left half-way goes from what each cluster had proven", async () => {
  const yaml = company.replace("waves:", "releases: { onFailure: wave }\nwaves:");
  await inEstate(async ({ dir, fleet, tree, kept, build }) => {
    const first = await startRelease(dir, bad);
    await runEngine(fleet, { fails: ["p1"] });
    await acknowledge(fleet, first.release.id);
    const second = await startRelease(dir, { ...bad, version: "next" });
    const [move] = first.release.moves;
    const from = Object.fromEntries(
      second.release.moves.flatMap(({ clusters, from: { revision } }) =>
        clusters.map((name) => [name, revision]),
      ),
    );
    expect(from).toEqual({ s1: move?.to.revision, p1: move?.from.revision, p2: move?.from.revision });
    await runEngine(fleet);
    const after = await tree();
    await build();
    expect(await tree()).toEqual(after);
    expect((await kept()).filter((path) => path.startsWith(`releases/${first.release.id}/`))).toEqual([]);
    expect((await readFleet(fleet)).releases.map(({ phase, settled }) => [phase, settled])).toEqual([
      ["rolledBack", true],
      ["succeeded", true],
    ]);
  }, yaml);
});

test("when that one fails too, each cluster is back at its own last good content", async () => {
  const yaml = company.replace("waves:", "releases: { onFailure: wave }\nwaves:");
  await inEstate(async ({ dir, fleet, kept }) => {
    const first = await startRelease(dir, bad);
    await runEngine(fleet, { fails: ["p1"] });
    await acknowledge(fleet, first.release.id);
    const second = await startRelease(dir, { ...bad, version: "next" });
    await runEngine(fleet, { fails: ["s1"] });
    const { head = "", releases } = await readFleet(fleet);
    expect(releases.map(({ phase, settled }) => [phase, settled])).toEqual(
      Array(2).fill(["rolledBack", true]),
    );
    const [move] = first.release.moves;
    const read = await pointersOf(fleet.repo, head, [{ ...second.release, phase: "running" }]);
    expect(Object.fromEntries(Object.entries(read).map(([name, own]) => [name, own["app-web"]]))).toEqual({
      s1: move?.to.revision,
      p1: move?.from.revision,
      p2: move?.from.revision,
    });
    expect(await kept()).toEqual(releases.map(({ id }) => `releases/${id}.json`).sort());
  }, yaml);
});
