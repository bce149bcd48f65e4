import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { importCommit } from "../../emit/git/import-commit.ts";
import { entriesAt } from "../../emit/git/read.ts";
import { git } from "../../emit/git/run.ts";
import { command, decide, type Release, releaseText } from "../../release/index.ts";
import { exampleRelease } from "../../release/testing/example.ts";
import { LandfallError } from "../../util/errors.ts";
import { pointersOf } from "./pointer-revisions.ts";
import { startRelease } from "./start.ts";
import { commitAction, openReleaseFleet, type ReleaseFleet, readFleet, releasesAt } from "./store.ts";
import { company, hosted, inEstate, observed, runEngine, who } from "./testing/fleet.ts";

const next = { apps: ["web"], version: "next", who };

/** `<release> <action> <step>` of each commit, oldest first. */
async function commits({ repo, branch }: ReleaseFleet): Promise<string[]> {
  const keys = ["Landfall-Release", "Landfall-Action", "Landfall-Step"];
  const trailers = keys.map((key) => `%(trailers:key=${key},valueonly,separator=)`).join(" ");
  const { stdout } = await git(repo, ["log", "--reverse", `--format=${trailers}`, branch]);
  return stdout
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
}

async function person(fleet: ReleaseFleet, kind: "rollback" | "abort" | "acknowledge", id: string) {
  const { head = "", releases } = await readFleet(fleet);
  const step = command(releases, id, { kind }, { by: who.email, at: Date.now() });
  if (!("release" in step)) throw new LandfallError([step]);
  return commitAction(fleet, head, step, who);
}

const states = ({ phase, settled }: Release) => `${phase}${settled ? ", settled" : ""}`;

describe.each([
  ["a repository of this machine", company],
  ["a Git host", hosted],
])("a fleet on %s", (_where, yaml) => {
  test("has one commit for each step, and every step leaves what clusters read in place", async () => {
    await inEstate(async ({ dir, fleet, tree, build }) => {
      const { release } = await startRelease(dir, next);
      await runEngine(fleet);
      const steps = ["queue", "start", "advance", "prove", "pass", "advance", "prove", "finish"];
      expect(await commits(fleet)).toEqual(steps.map((action, i) => `${release.id} ${action} ${i}`));
      const { stdout } = await git(fleet.repo, ["log", "--format=%H", fleet.branch]);
      for (const commit of stdout.toString().trim().split("\n")) {
        const pointers = await pointersOf(fleet.repo, commit, [{ ...release, phase: "running" }]);
        expect(Object.values(pointers).map((own) => Object.keys(own))).toEqual(Array(3).fill(["app-web"]));
      }
      const after = await tree();
      await build();
      expect(await tree()).toEqual(after);
    }, yaml);
  });

  test("lets exactly one of several engines take each step", async () => {
    await inEstate(async ({ dir, fleet, plan }) => {
      const { release } = await startRelease(dir, next);
      const fleets = [fleet];
      for (const home of ["two", "three"]) {
        if (fleet.remote === undefined) fleets.push(fleet);
        else {
          vi.stubEnv("LANDFALL_HOME", join(dir, home));
          fleets.push(await openReleaseFleet(await plan()));
        }
      }
      await Promise.all(fleets.map((own) => runEngine(own)));
      await runEngine(fleet);
      expect(await commits(fleet)).toHaveLength(8);
      expect(states((await readFleet(fleet)).releases[0] as Release)).toBe("succeeded, settled");
      expect(release.step).toBe(0);
    }, yaml);
  });
});

test("an engine that is killed after any step goes on to the same end", async () => {
  await inEstate(async ({ dir, fleet, tree }) => {
    await startRelease(dir, next);
    for (let n = 0; n < 20; n++) await runEngine(fleet, { until: (done) => done.length === 1 });
    const [one] = (await readFleet(fleet)).releases;
    expect(states(one as Release)).toBe("succeeded, settled");
    expect(await commits(fleet)).toHaveLength(8);
    const before = await tree();
    await startRelease(dir, { ...next, version: "bad" });
    for (let n = 0; n < 20; n++)
      await runEngine(fleet, { fails: ["p1"], until: (done) => done.length === 1 });
    expect((await readFleet(fleet)).releases.map(states)).toEqual([
      "succeeded, settled",
      "rolledBack, settled",
    ]);
    expect(await tree()).toEqual(before);
  });
});

test("a person goes back from a release that is over, once", async () => {
  await inEstate(async ({ dir, fleet, tree, kept }) => {
    const before = await tree();
    const { release } = await startRelease(dir, next);
    await runEngine(fleet);
    expect(await tree()).not.toEqual(before);
    await person(fleet, "rollback", release.id);
    await runEngine(fleet);
    expect(await tree()).toEqual(before);
    expect(await kept()).toEqual([`releases/${release.id}.json`]);
  });
});

test("a hotfix overtakes, starts from what was good, and leaves nothing of what it overtook", async () => {
  await inEstate(async ({ dir, fleet, tree, kept, build }) => {
    const first = await startRelease(dir, next);
    await runEngine(fleet, { until: (done) => done.length === 2 });
    const hotfix = await startRelease(dir, { ...next, version: "bad", hotfix: true });
    const [move] = hotfix.release.moves;
    expect(move?.from.revision).toBe(first.release.moves[0]?.from.revision);
    expect(move?.clusters).toEqual(["p1", "p2", "s1"]);
    await runEngine(fleet);
    const { releases } = await readFleet(fleet);
    expect(releases.map(states)).toEqual(["superseded, settled", "succeeded, settled"]);
    expect((await kept()).filter((path) => path.startsWith(`releases/${first.release.id}/`))).toEqual([]);
    const after = await tree();
    await build();
    expect(await tree()).toEqual(after);
  });
});

test("a release that waited for another is made anew from what that one left", async () => {
  await inEstate(async ({ dir, fleet, tree, build }) => {
    const first = await startRelease(dir, next);
    await runEngine(fleet, { until: (done) => done.length === 2 });
    const second = await startRelease(dir, { ...next, version: "bad" });
    expect(second.release.moves[0]?.from.revision).toBe(first.release.moves[0]?.from.revision);
    expect(second.warnings).toMatchObject([
      {
        code: "LF4033",
        severity: "info",
        what: `${second.release.id} waits until ${first.release.id} is over`,
      },
    ]);
    const done = await runEngine(fleet);
    expect(done).toContain(`${second.release.id}: rebase`);
    const after = (await readFleet(fleet)).releases;
    expect(after.map(states)).toEqual(["succeeded, settled", "succeeded, settled"]);
    expect(after[1]?.moves[0]?.from.revision).toBe(first.release.moves[0]?.to.revision);
    const built = await tree();
    await build();
    expect(await tree()).toEqual(built);
    await person(fleet, "rollback", second.release.id);
    await runEngine(fleet);
    const entries = await entriesAt(fleet.repo, (await readFleet(fleet)).head ?? "", ["apps/web.yaml"]);
    expect(entries.get("apps/web.yaml")?.oid).not.toBe(built.get("apps/web.yaml"));
  });
});

test("thousands of releases are read whole, also when what is remembered of them is forgotten", async () => {
  await inEstate(async ({ fleet: { repo } }) => {
    const file = (id: string) => [`releases/${id}.json`, releaseText(exampleRelease({ id }))] as const;
    const commit = { remove: [], message: "releases", author: who };
    const ids = Array.from({ length: 5000 }, (_, i) => `shop-${i}`);
    const first = await importCommit(repo, { ...commit, parent: undefined, write: ids.map(file) });
    expect(await releasesAt(repo, first)).toHaveLength(5000);
    const second = await importCommit(repo, { ...commit, parent: first, write: [file("a-1")] });
    expect(await releasesAt(repo, second)).toHaveLength(5001);
  });
});

test("a step whose contents are gone changes nothing", async () => {
  await inEstate(async ({ dir, fleet }) => {
    const { release } = await startRelease(dir, next);
    const { head = "", releases, pointers } = await readFleet(fleet);
    const seen = { clusters: observed(releases, pointers, Date.now()), pointers, gates: [] };
    const [start] = decide(releases, seen, Date.now());
    if (!start) throw new Error("nothing to do");
    const action = {
      ...start,
      pointers: [{ cluster: "s1", bundle: "app-web", path: `releases/${release.id}/to/no.yaml` }],
    };
    const error = await commitAction(fleet, head, action, who).catch((thrown: unknown) => thrown);
    if (!(error instanceof LandfallError)) throw error;
    expect(error.problems[0]?.code).toBe("LF4035");
    expect((await readFleet(fleet)).head).toBe(head);
    expect(await commitAction(fleet, `${"0".repeat(39)}1`, start, who)).toBe("moved");
  });
});
