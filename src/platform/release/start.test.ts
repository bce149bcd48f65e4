import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commitChanges } from "../../emit/git/commit-changes.ts";
import { headOf } from "../../emit/git/fleet.ts";
import { git as fleetGit } from "../../emit/git/run.ts";
import { command } from "../../release/index.ts";
import { LandfallError, type Problem } from "../../util/errors.ts";
import { git } from "../bulk/testing/company.ts";
import { type StartOptions, startRelease } from "./start.ts";
import { commitAction, readFleet } from "./store.ts";
import { company, type Estate, inEstate, runEngine, who } from "./testing/fleet.ts";

const next = { apps: ["web"], version: "next", who };

/** The errors of a start that must change nothing, neither here nor in the fleet. */
async function refused({ dir, fleet }: Estate, options: Partial<StartOptions>): Promise<Problem[]> {
  const before = await headOf(fleet.repo);
  const values = join(dir, "values/all.json");
  const text = existsSync(values) ? readFileSync(values, "utf8") : undefined;
  const error = await startRelease(dir, { apps: [], who, ...options }).catch((thrown: unknown) => thrown);
  if (!(error instanceof LandfallError)) throw error ?? new Error("nothing was refused");
  expect(await headOf(fleet.repo)).toBe(before);
  expect(existsSync(values) ? readFileSync(values, "utf8") : undefined).toBe(text);
  for (const { fix } of error.problems) expect(fix).toBeTruthy();
  return error.problems;
}

function redeclare({ dir }: Estate, from: string, to: string): void {
  const file = join(dir, "landfall.config.yaml");
  const text = readFileSync(file, "utf8");
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

describe("a release that is started", () => {
  test("is a file with its contents, and the declaration says the same", async () => {
    await inEstate(async ({ dir, fleet }) => {
      git(dir, "init", "--quiet");
      git(dir, "config", "user.email", who.email);
      git(dir, "config", "user.name", who.name);
      git(dir, "add", "--all");
      git(dir, "commit", "--quiet", "-m", "first");
      const { release, commit, source, files } = await startRelease(dir, next);
      expect(await headOf(fleet.repo)).toBe(commit);
      expect(files).toEqual([join(dir, "values/all.json")]);
      expect(readFileSync(files[0] ?? "", "utf8")).toBe(
        '{\n  "apps": {\n    "web": {\n      "env": {\n        "LOG_LEVEL": "debug"\n      }\n    }\n  }\n}\n',
      );
      expect(git(dir, "log", "-1", "--format=%H %s")).toBe(`${source} release web next`);
      expect(git(dir, "status", "--porcelain")).toBe("");
      expect(release).toMatchObject({
        title: "web next",
        startedBy: who.email,
        source,
        origins: [{ app: "web", file: "values/all.json", line: 5 }],
        priority: 0,
        phase: "queued",
        step: 0,
        waves: [
          { name: "first", clusters: ["s1"], concurrency: 10, maxUnavailable: 0, timeoutMs: 900_000 },
          { name: "rest", clusters: ["p1", "p2"] },
        ],
      });
      const [move] = release.moves;
      expect(move?.to.path).toBe(`releases/${release.id}/to/apps/web.yaml`);
      expect(move?.to.revision).toMatch(/^latest@sha256:[0-9a-f]{64}$/);
      expect(move?.back).toEqual(move?.from);
      const [was, is] = [move?.from.workloads[0], move?.to.workloads[0]];
      expect(is).toEqual({ kind: "Deployment", namespace: "acme", name: "web", template: is?.template });
      expect(is?.template).toMatch(/^[0-9a-f]{16}$/);
      expect(was?.template).not.toBe(is?.template);
      expect((await readFleet(fleet)).releases).toEqual([release]);
    });
  });

  test("takes everything that differs when no app is named", async () => {
    await inEstate(async (estate) => {
      redeclare(estate, "cart:1.1.0", "cart:1.1.0\n    args: [--fast]");
      redeclare(estate, "pay:1.2.0", "pay:1.2.0\n    args: [--fast]");
      const { release } = await startRelease(estate.dir, { apps: [], who });
      expect(release.title).toBe("acme");
      expect(new Set(release.moves.map(({ bundle }) => bundle))).toEqual(new Set(["app-cart", "app-pay"]));
    });
  });

  test("is made by the same command when the first was killed before the fleet had it", async () => {
    await inEstate(async ({ dir }) => {
      const dry = await startRelease(dir, { ...next, dryRun: true });
      expect(existsSync(join(dir, "values"))).toBe(false);
      mkdirSync(join(dir, "values"));
      writeFileSync(
        join(dir, "values/all.json"),
        '{ "apps": { "web": { "env": { "LOG_LEVEL": "debug" } } } }',
      );
      const { release, files } = await startRelease(dir, next);
      expect(files).toEqual([]);
      expect(release.moves).toEqual(dry.release.moves);
    });
  });

  test("puts back what another version set", async () => {
    await inEstate(async ({ dir, fleet }) => {
      await startRelease(dir, { ...next, version: "bad" });
      await runEngine(fleet);
      await startRelease(dir, next);
      const { apps } = JSON.parse(readFileSync(join(dir, "values/all.json"), "utf8"));
      expect(apps).toEqual({ web: { env: { LOG_LEVEL: "debug" } } });
      await runEngine(fleet);
      const { files, release } = await startRelease(dir, { ...next, version: "bad" });
      expect(JSON.parse(readFileSync(files[0] ?? "", "utf8"))).toEqual({
        apps: { web: { env: { FAULT: "1" } } },
      });
      expect(release.origins).toEqual([{ app: "web", file: "values/all.json", line: 5 }]);
    });
  });

  test("moves a bundle from content to content where clusters differ, and files that only get another name", async () => {
    await inEstate(async ({ dir, fleet, tree, build }) => {
      const values = { apps: ["pay"], patch: { env: { LEVEL: "debug" } }, where: "cluster=p2", who };
      const { release } = await startRelease(dir, values);
      expect(release.moves.map(({ clusters, settled }) => [clusters, settled])).toEqual([
        [["p2"], { from: "apps/pay.prod.yaml", to: "apps/pay.p2.yaml" }],
      ]);
      expect(release.renamed).toEqual([
        {
          bundle: "app-pay",
          clusters: ["p1"],
          settled: { from: "apps/pay.prod.yaml", to: "apps/pay.p1.yaml" },
        },
      ]);
      await runEngine(fleet);
      const after = await tree();
      await build();
      expect(await tree()).toEqual(after);
    });
  });
});

describe("what is refused, with nothing changed", () => {
  test("what is not there: apps, versions, changes", async () => {
    await inEstate(async (estate) => {
      const codes = async (options: Partial<StartOptions>) =>
        (await refused(estate, options)).map(({ code }) => code);
      expect(await codes({ apps: ["wep"] })).toEqual(["LF1005"]);
      expect(await codes({ apps: ["web"] })).toEqual(["LF4030"]);
      expect(await codes({ version: "next" })).toEqual(["LF9001"]);
      expect(await codes({})).toEqual(["LF4030"]);
      expect(await refused(estate, { apps: ["web"], version: "bda" })).toMatchObject([
        { code: "LF4032", why: "its versions are next, bad", fix: "did you mean bad?" },
      ]);
      expect(await codes({ apps: ["web"], version: "next", where: "env=nowhere" })).toEqual(["LF1010"]);
    });
  });

  test("a version that an app built from source does not declare", async () => {
    const source = "source: { path: web, language: go }\n    versions: { good: { env: { A: a } } }";
    await inEstate(async (estate) => {
      redeclare(estate, "image: ghcr.io/acme/pay:1.2.0", source);
      const [problem] = await refused(estate, { apps: ["pay"], version: "god" });
      expect(problem).toMatchObject({ code: "LF4032", fix: "did you mean good?" });
      expect((await refused(estate, { apps: ["pay"], version: "2.0" }))[0]?.why).toContain("good");
    });
  });

  test("changes that are more than contents", async () => {
    await inEstate(async (estate) => {
      appendFileSync(
        join(estate.dir, "landfall.config.yaml"),
        "  new:\n    image: ghcr.io/acme/new:1.0.0\n    ports: { http: 8080 }\n",
      );
      redeclare(estate, "LOG_LEVEL: info", "LOG_LEVEL: warn");
      const problems = await refused(estate, {});
      expect(problems).toMatchObject([
        {
          code: "LF4031",
          what: "app-new is new on p1, p2, s1",
          fix: expect.stringContaining("build --commit"),
        },
      ]);
      expect((await startRelease(estate.dir, { apps: ["web"], who })).left).toMatchObject([
        { bundle: "app-new", action: "create" },
      ]);
    });
  });

  test("a hand-over: turning a canary on", async () => {
    const parts = "parts: { flux: {}, gateway-api: {}, traefik: {}, prometheus: {}, flagger: {} }";
    const exposed =
      "ports: { http: 8080 }\n    expose: [{ host: web.localhost }]\n    metrics: { port: http }\n    env:";
    await inEstate(
      async (estate) => {
        redeclare(estate, "    metrics:", "    release: { canary: {} }\n    metrics:");
        const problems = await refused(estate, { apps: ["web"] });
        expect(problems).toContainEqual(
          expect.objectContaining({
            code: "LF4031",
            what: "app-web changes owners of its objects",
            fix: expect.stringContaining("build --commit"),
          }),
        );
      },
      company.replace("parts: { flux: {} }", parts).replace("ports: { http: 8080 }\n    env:", exposed),
    );
  });

  test("an app that is frozen, but for a hotfix", async () => {
    const freezes = `releases:\n  freezes:\n    - { from: 2026-12-20, until: 2026-12-27, reason: holidays, apps: [web] }\n`;
    await inEstate(
      async (estate) => {
        const now = Date.parse("2026-12-27T23:59:00Z");
        const [problem] = await refused(estate, { ...next, now });
        expect(problem).toMatchObject({ code: "LF4026", why: "holidays" });
        const other = await startRelease(estate.dir, {
          apps: ["cart"],
          patch: { env: { A: "1" } },
          who,
          now,
        });
        expect(other.release.policy.freezes).toEqual([]);
        const { release } = await startRelease(estate.dir, { ...next, now, hotfix: true });
        expect(release.priority).toBe(10);
      },
      company.replace("waves:", `${freezes}waves:`),
    );
  });

  test("the next release of an app whose last one failed, until somebody has seen it", async () => {
    await inEstate(async (estate) => {
      const { dir, fleet } = estate;
      const { release } = await startRelease(dir, { ...next, version: "bad" });
      await runEngine(fleet, { fails: ["s1"] });
      const [problem] = await refused(estate, next);
      expect(problem).toMatchObject({ code: "LF4028", what: expect.stringContaining(release.id) });
      const { head = "", releases } = await readFleet(fleet);
      const seen = command(releases, release.id, { kind: "acknowledge" }, { by: who.email, at: Date.now() });
      if (!("release" in seen)) throw new LandfallError([seen]);
      await commitAction(fleet, head, seen, who);
      expect((await startRelease(dir, next)).release.id).not.toBe(release.id);
    });
  });

  test("pointers that somebody changed by hand, and a history that was rewritten", async () => {
    await inEstate(async (estate) => {
      const { fleet, dir } = estate;
      const before = (await headOf(fleet.repo)) ?? "";
      const list = "clusters/p1/artifacts.json";
      const { stdout } = await fleetGit(fleet.repo, ["show", `main:${list}`]);
      const write = [[list, stdout.toString().replace("apps/web.yaml", "apps/cart.yaml")]] as const;
      const author = { name: "Eve", email: "eve@example.com" };
      await commitChanges(fleet, { base: before, write, remove: [], message: "quick fix", author });
      const [problem] = await refused(estate, next);
      expect(problem).toMatchObject({
        code: "LF4034",
        what: expect.stringMatching(/^[0-9a-f]+ Eve changed/),
      });
      await estate.build();
      await startRelease(dir, next);
      const orphan = ["commit-tree", "-m", "rewritten", "main^{tree}"];
      const as = ["-c", "user.name=Eve", "-c", "user.email=eve@example.com"];
      const rewritten = (await fleetGit(fleet.repo, [...as, ...orphan])).stdout.toString().trim();
      await fleetGit(fleet.repo, ["update-ref", "refs/heads/main", rewritten]);
      const [lost] = await refused(estate, { apps: ["cart"], patch: { env: { A: "1" } } });
      expect(lost).toMatchObject({ code: "LF4034", why: expect.stringContaining("rewritten") });
    });
  });

  test("an empty fleet repo", async () => {
    await inEstate(async (estate) => {
      await fleetGit(estate.fleet.repo, ["update-ref", "-d", "refs/heads/main"]);
      const [problem] = await refused(estate, next);
      expect(problem).toMatchObject({ code: "LF4030", what: "the fleet repo is empty" });
    });
  });
});
