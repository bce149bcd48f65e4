/**
 * Releases over clusters with real API servers and real kustomize-controllers: a good one through both waves, a bad one
 * halted in the first and taken back, by the same loop that `landfall release run` runs.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
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

  test("by the commands: it ends where a person must say yes, is interrupted, and goes on from there", async () => {
    const approved = company.replace("rest: true,", "rest: true, gates: [{ approval: {} }],");
    await inLiveEstate(servers, approved, async (estate) => {
      await expect.poll(() => templates(estate), { timeout: 60_000 }).not.toContain(undefined);
      const landfall = (...args: string[]) => run(estate.dir, ["release", ...args, "--json"]);
      const ada = ["--by", "ada@example.com"];
      const started = await landfall("start", "web", "--version", "next", "--no-wait", ...ada).ended;
      expect(started.code).toBe(4);
      expect(started.last).toMatchObject({
        ok: false,
        problems: [{ code: "LF4042", what: "web next waits for approval" }],
      });
      expect(started.events.filter(({ type }) => type === "step").map(({ action }) => action)).toEqual([
        "start",
        "advance",
        "prove",
        "pass",
        "advance",
        "prove",
      ]);
      const engine = landfall("run");
      await engine.saying('"waits":["approval approval: ');
      engine.child.kill("SIGTERM");
      expect(await engine.ended).toMatchObject({ code: 130 });
      expect((await landfall("approve", "--by", "bob@example.com").ended).code).toBe(0);
      expect((await landfall("run", "--once").ended).last).toEqual({ type: "result", ok: true, steps: 1 });
      const [release] = (await readFleet(estate.fleet)).releases;
      expect(release).toMatchObject({ phase: "succeeded", approvals: [{ by: "bob@example.com" }] });
    });
  });
});

const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** The real program, its events as it writes them. */
function run(cwd: string, args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (data: Buffer) => {
    text += data;
  });
  const ended = once(child, "close").then(([code]) => {
    const events = text
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return { code: code as number, events, last: events.at(-1) };
  });
  const saying = (words: string) => expect.poll(() => text, { timeout: 60_000 }).toContain(words);
  return { child, ended, saying };
}
