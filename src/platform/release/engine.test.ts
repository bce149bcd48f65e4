import { rename } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { git } from "../../emit/git/run.ts";
import { isOver } from "../../release/index.ts";
import type { Problem } from "../../util/errors.ts";
import { type EngineOptions, runEngine, type Step } from "./engine.ts";
import { engineIdentity } from "./engine-who.ts";
import type { Clusters } from "./observe.ts";
import { startRelease } from "./start.ts";
import { type ReleaseFleet, readFleet } from "./store.ts";
import { type Estate, inEstate, observed, who } from "./testing/fleet.ts";

/** Clusters that do at once what the fleet's head tells them. */
function wellClusters(fleet: ReleaseFleet): Clusters {
  return {
    observe: async () => {
      const { releases, pointers } = await readFleet(fleet);
      return observed(releases, pointers, Date.now());
    },
    ask: () => Promise.reject(new Error("nobody asks")),
    silence: () => undefined,
    names: () => [],
    close: () => undefined,
  };
}

function engine(fleet: ReleaseFleet, more: Partial<EngineOptions> = {}): Promise<void> {
  return runEngine({
    ...{ fleet, clusters: wellClusters(fleet), who: engineIdentity, intervalMs: 20 },
    ...{ signal: AbortSignal.timeout(60_000), until: (releases) => releases.every(isOver) },
    ...more,
  });
}

/** The steps that commits say they are, of each release. */
async function stepsIn({ fleet }: Estate): Promise<string[]> {
  const format =
    "--format=%(trailers:key=Landfall-Release,valueonly,separator=) %(trailers:key=Landfall-Step,valueonly,separator=)";
  const { stdout } = await git(fleet.repo, ["log", format, fleet.branch]);
  return stdout
    .toString("utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .sort();
}

test("of several engines at once each step is taken by one alone", async () => {
  await inEstate(async (estate) => {
    const { dir, fleet } = estate;
    const { release } = await startRelease(dir, { apps: ["web"], version: "next", who });
    const steps: Step[] = [];
    const onStep = (step: Step) => steps.push(step);
    await Promise.all([1, 2, 3].map(() => engine(fleet, { onStep })));
    const [ended] = (await readFleet(fleet)).releases;
    expect(ended).toMatchObject({ phase: "succeeded", settled: true });
    expect(steps.map(({ action }) => action.release.step).sort((a, b) => a - b)).toEqual(
      ended?.log.map(({ step }) => step),
    );
    expect(await stepsIn(estate)).toEqual(
      [0, ...(ended?.log ?? []).map(({ step }) => step)].map((step) => `${release.id} ${step}`),
    );
  });
}, 60_000);

test("it ends between two steps when it is told to, and the next one goes on", async () => {
  await inEstate(async ({ dir, fleet }) => {
    await startRelease(dir, { apps: ["web"], version: "next", who });
    const abort = new AbortController();
    const kinds: string[] = [];
    const onStep = ({ action }: Step) => kinds.push(action.kind);
    await engine(fleet, {
      signal: abort.signal,
      onStep: (step) => {
        onStep(step);
        if (step.action.kind === "advance") abort.abort();
      },
    });
    expect(kinds).toEqual(["start", "advance"]);
    await engine(fleet, { once: true, onStep });
    expect(kinds).toEqual(["start", "advance", "prove", "pass", "advance", "prove", "finish"]);
    // Nothing is left to do: once more ends at once.
    await engine(fleet, { once: true, until: () => false, onStep });
    expect(kinds).toHaveLength(7);
  });
}, 60_000);

test("a Git host that is away is told and waited for; `once` ends with it", async () => {
  await inEstate(async ({ dir, fleet }) => {
    const host = join(dir, "..", "host.git");
    await git(dir, ["clone", "--quiet", "--bare", fleet.repo, host]);
    await startRelease(dir, { apps: ["web"], version: "next", who });
    await git(fleet.repo, ["push", "--quiet", host, fleet.branch]);
    const remote: ReleaseFleet = { ...fleet, remote: `file://${host}` };
    await rename(host, `${host}.away`);
    await expect(engine(remote, { once: true })).rejects.toMatchObject({ problems: [{ code: "LF3002" }] });
    const troubles: Problem[] = [];
    await engine(remote, {
      onTrouble: (problem) => {
        troubles.push(problem);
        void rename(`${host}.away`, host);
      },
    });
    expect(troubles.map(({ code }) => code)).toEqual(["LF3002"]);
    expect((await readFleet(remote)).releases[0]).toMatchObject({ phase: "succeeded" });
  });
}, 60_000);
