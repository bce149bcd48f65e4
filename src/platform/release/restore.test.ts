import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LandfallError } from "../../util/errors.ts";
import { commitFleet } from "../build.ts";
import { git } from "../bulk/testing/company.ts";
import { commandRelease } from "./engine-command.ts";
import { restoreDeclared } from "./restore.ts";
import { type StartOptions, startRelease } from "./start.ts";
import { readFleet } from "./store.ts";
import { company, type Estate, inEstate, runEngine, who } from "./testing/fleet.ts";

const values = ({ dir }: Estate) =>
  JSON.parse(readFileSync(join(dir, "values/all.json"), "utf8")).apps as Record<string, unknown>;

/** A release that the first cluster fails. */
async function failed(estate: Estate, options: Partial<StartOptions>): Promise<string> {
  const { release } = await startRelease(estate.dir, { apps: ["web"], who, ...options });
  await runEngine(estate.fleet, { fails: ["s1"] });
  const now = (await readFleet(estate.fleet)).releases.find(({ id }) => id === release.id);
  expect(now?.phase).toBe("rolledBack");
  return release.id;
}

async function refused({ dir, fleet }: Estate, id?: string) {
  const error = await restoreDeclared(dir, fleet, id, { who }).catch((thrown: unknown) => thrown);
  if (!(error instanceof LandfallError)) throw error ?? new Error("nothing was refused");
  return error.problems[0];
}

test("what a failed release set is taken back, so that the declaration is what runs, and the next release may start", async () => {
  await inEstate(async (estate) => {
    const { dir, fleet, plan, tree } = estate;
    await startRelease(dir, { apps: ["web"], version: "next", who });
    await runEngine(fleet);
    const [good, before] = [readFileSync(join(dir, "values/all.json"), "utf8"), await tree()];
    const id = await failed(estate, { version: "bad" });
    expect(values(estate)).toEqual({ web: { env: { FAULT: "1" } } });

    const { release, values: back, commit, warnings } = await restoreDeclared(dir, fleet, "web", { who });
    expect(release).toMatchObject({ id, acknowledged: { by: who.email } });
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(warnings).toEqual([]);
    expect(back).toEqual([
      { app: "web", file: "values/all.json", path: ["env", "FAULT"], was: "1" },
      { app: "web", file: "values/all.json", path: ["env", "LOG_LEVEL"], now: "debug" },
    ]);
    expect(readFileSync(join(dir, "values/all.json"), "utf8")).toBe(good);
    // Nothing is held any more, and nothing of what clusters read changes.
    expect((await commitFleet(await plan(), "build")).held).toEqual([]);
    expect(await tree()).toEqual(before);

    // Again there is nothing left to do.
    expect(await restoreDeclared(dir, fleet, id, { who })).toMatchObject({ values: [], commit: undefined });
    expect((await startRelease(dir, { apps: ["web"], version: "bad", who })).release.id).not.toBe(id);
  });
});

test("also of failures before it that somebody acknowledged and left, back to the last success", async () => {
  await inEstate(async (estate) => {
    const { dir, fleet } = estate;
    const env = (value: string) => ({ patch: { env: { LEVEL: value } } });
    await startRelease(dir, { apps: ["web"], who, ...env("good") });
    await runEngine(fleet);
    const first = await failed(estate, env("worse"));
    await commandRelease(fleet, first, { kind: "acknowledge" }, who);
    await failed(estate, env("worst"));
    await restoreDeclared(dir, fleet, undefined, { who });
    expect(values(estate)).toEqual({ web: { env: { LEVEL: "good" } } });
  });
});

test("in one commit of the data file alone; not over changes that nobody has committed, nor over later ones", async () => {
  await inEstate(async (estate) => {
    const { dir, fleet } = estate;
    git(dir, "init", "--quiet");
    git(dir, "config", "user.email", "ada@example.com");
    git(dir, "config", "user.name", "Ada");
    git(dir, "add", "landfall.config.yaml");
    git(dir, "commit", "--quiet", "-m", "declare");
    const id = await failed(estate, { version: "bad" });
    const file = join(dir, "values/all.json");
    const text = readFileSync(file, "utf8");

    writeFileSync(file, `${text}\n`);
    expect(await refused(estate)).toMatchObject({ code: "LF3009" });
    expect((await readFleet(fleet)).releases[0]?.acknowledged).toBeUndefined();
    writeFileSync(file, text);

    const { source } = await restoreDeclared(dir, fleet, id, { who });
    expect(source).toBe(git(dir, "rev-parse", "HEAD").trim());
    expect(git(dir, "show", "--format=%s", "--name-only").trim().split(/\n+/)).toEqual([
      `restore what ran before ${id}`,
      "values/all.json",
    ]);

    writeFileSync(file, '{"apps":{"web":{"env":{"FAULT":"0"}}}}');
    const { warnings, values: back } = await restoreDeclared(dir, fleet, id, { who, commit: false });
    expect(back).toEqual([]);
    expect(warnings).toMatchObject([{ code: "LF1019", what: "web: env.FAULT stays as it is" }]);
    expect(values(estate)).toEqual({ web: { env: { FAULT: "0" } } });
  });
});

test("what cannot be taken back is told with what to do, and nothing is written", async () => {
  await inEstate(async (estate) => {
    const { dir, fleet } = estate;
    expect(await refused(estate)).toMatchObject({ code: "LF4020" });
    const config = join(dir, "landfall.config.yaml");
    writeFileSync(config, readFileSync(config, "utf8").replace("web:1.0.0", "web:1.0.1"));
    const id = await failed(estate, {});
    expect(await refused(estate, id)).toMatchObject({
      code: "LF4030",
      why: expect.stringContaining("landfall.config.yaml:"),
      fix: expect.stringContaining(`landfall release acknowledge ${id}`),
    });
    expect((await readFleet(fleet)).releases[0]?.acknowledged).toBeUndefined();
    await commandRelease(fleet, id, { kind: "acknowledge" }, who);

    const { release } = await startRelease(dir, { apps: ["web"], version: "next", who });
    expect(await refused(estate, release.id)).toMatchObject({
      code: "LF4022",
      what: expect.stringContaining("is not over"),
    });
    await runEngine(fleet);
    expect(await refused(estate, release.id)).toMatchObject({ code: "LF4022" });
    expect(await refused(estate, id)).toMatchObject({
      code: "LF4022",
      why: expect.stringContaining(release.id),
    });
    expect(existsSync(join(dir, "values/all.json"))).toBe(true);
  });
});

test("whoever may not acknowledge it takes nothing back", async () => {
  await inEstate(
    async (estate) => {
      const id = await failed(estate, { version: "bad" });
      expect(await refused(estate, id)).toMatchObject({ code: "LF4023" });
      expect(values(estate)).toEqual({ web: { env: { FAULT: "1" } } });
    },
    company.replace("waves:", "releases: { approvers: [bob@example.com] }\nwaves:"),
  );
});
