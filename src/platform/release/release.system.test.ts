/**
 * Releases over clusters with real API servers and real kustomize-controllers: a good one through both waves, a bad one
 * halted in the first and taken back, by the same loop that `landfall release run` runs.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasApiServer } from "../../cluster/testing/api-server.ts";
import { findProgram } from "../../cluster/testing/programs.ts";
import { isOver } from "../../release/index.ts";
import { runEngine, type Step } from "./engine.ts";
import { openReleases } from "./engine-open.ts";
import { engineIdentity } from "./engine-who.ts";
import { historyOf } from "./history.ts";
import { templateOf } from "./observe-template.ts";
import { startRelease } from "./start.ts";
import { readFleet } from "./store.ts";
import { who } from "./testing/fleet.ts";
import { inLiveEstate, type LiveEstate, type Servers, startServers } from "./testing/live-estate.ts";

const program = findProgram("kustomize-controller");
const deployments = { apiVersion: "apps/v1", kind: "Deployment" };

const company = `landfall: 2
company: acme
environments: { staging: {}, prod: {} }
clusters:
  s1: { type: kubernetes, context: s1, environment: staging }
  p1: { type: kubernetes, context: p1, environment: prod }
parts: { flux: {} }
waves:
  - { name: first, clusters: [s1], timeout: 2m }
  - { name: rest, rest: true, timeout: 2m }
apps:
  web:
    image: ghcr.io/acme/web:1.0.0
    ports: { http: 8080 }
    versions:
      next: { env: { LOG_LEVEL: debug } }
      bad: { env: { FAULT: "1" } }
`;

describe.skipIf(!hasApiServer() || !program)("releases over clusters", { timeout: 240_000 }, () => {
  let servers: Servers;
  beforeAll(async () => {
    if (program) servers = await startServers(["s1", "p1"], program);
  }, 120_000);
  afterAll(() => servers?.stop());

  const templates = async ({ clusters }: LiveEstate) =>
    Promise.all(
      Object.values(clusters).map(async ({ client }) =>
        templateOf(await client.get(deployments, "web", "acme")),
      ),
    );

  /** Move every release until it is over, as `landfall release run` does. */
  const runAll = async ({ dir }: LiveEstate): Promise<Step[]> => {
    const open = await openReleases(dir);
    const steps: Step[] = [];
    try {
      await runEngine({
        ...{ fleet: open.fleet, clusters: open.clusters, who: engineIdentity, intervalMs: 200 },
        signal: AbortSignal.timeout(120_000),
        onStep: (step) => steps.push(step),
        until: (releases) => releases.every(isOver),
      });
    } finally {
      open.clusters.close();
    }
    return steps;
  };

  test("a good one passes both waves, a bad one goes back from the first", async () => {
    await inLiveEstate(servers, company, async (estate) => {
      await expect.poll(() => templates(estate), { timeout: 60_000 }).not.toContain(undefined);
      const [old] = await templates(estate);

      const good = await startRelease(estate.dir, { apps: ["web"], version: "next", who });
      const goodSteps = await runAll(estate);
      expect(goodSteps.map(({ action }) => action.kind)).toMatchInlineSnapshot(`
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
      const released = await templates(estate);
      expect(new Set(released).size).toBe(1);
      expect(released[0]).not.toBe(old);

      const bad = await startRelease(estate.dir, { apps: ["web"], version: "bad", who });
      const broken = bad.release.moves[0]?.to.workloads[0]?.template ?? "";
      for (const { player } of Object.values(estate.clusters)) player.broken.add(broken);
      const badSteps = await runAll(estate);
      expect(badSteps.map(({ action }) => action.kind)).toMatchInlineSnapshot(`
        [
          "start",
          "advance",
          "halt",
          "return",
          "prove",
          "finish",
        ]
      `);
      expect(await templates(estate)).toEqual(released);

      const { releases } = await readFleet(estate.fleet);
      expect(releases[1]).toMatchObject({
        reason: expect.stringMatching(/^s1: Deployment acme\/web: pod web-played: crashes again and again/),
        origins: [{ app: "web", file: "values/all.json" }],
      });
      expect(releases.map(({ phase }) => phase)).toEqual(["succeeded", "rolledBack"]);
      const history = await historyOf(estate.fleet, releases[1] ?? good.release);
      expect(Object.keys(history.commits)).toHaveLength(badSteps.length + 1);
    });
  });
});
