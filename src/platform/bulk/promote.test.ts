import { expect, test } from "vitest";
import { inFolder } from "../../util/testing/in-folder.ts";
import { type PromoteOptions, promote } from "./promote.ts";
import { setValues } from "./set.ts";
import { git, inRepository, read, seen, yaml } from "./testing/company.ts";

const files = { "landfall.config.yaml": yaml };
const quick = { plan: false, commit: false };
const set = (dir: string, kind: "version" | "env" | "config" | "replicas", value: string, where: string) =>
  setValues(dir, { kind, values: [value], where, ...quick });
const up = (dir: string, more: Partial<PromoteOptions> = {}) =>
  promote(dir, { from: "staging", to: "prod", ...quick, ...more });

test("versions move to the next environment; what is equal, ahead or not there is told", async () => {
  await inFolder(files, async (dir) => {
    await set(dir, "version", "1.5.0", "app=cart,env=staging");
    await set(dir, "version", "1.10.0", "app=pay,env=prod");
    const result = await up(dir);
    expect(result).toMatchObject({
      apps: 1,
      same: ["web"],
      ahead: [{ app: "pay", from: "ghcr.io/acme/pay:1.2.0", to: "ghcr.io/acme/pay:1.10.0" }],
      without: [],
      kept: [],
    });
    expect(JSON.parse(read(dir, "values/environments/prod.json")).apps).toEqual({
      cart: { image: "ghcr.io/acme/cart:1.5.0" },
      pay: { image: "ghcr.io/acme/pay:1.10.0" },
    });
    for (const cluster of ["p1", "p2"])
      expect((await seen(dir, "cart", cluster)).image).toBe("ghcr.io/acme/cart:1.5.0");
    expect(await up(dir, { older: true })).toMatchObject({ apps: 1, ahead: [] });
    expect((await seen(dir, "pay", "p1")).image).toBe("ghcr.io/acme/pay:1.2.0");
  });
});

test("with more than versions, every cluster of the target ends like the source", async () => {
  await inFolder(files, async (dir) => {
    await set(dir, "env", "LOG_LEVEL=debug", "tier=web,env=staging");
    await set(dir, "env", "ONLY=here", "app=web,cluster=p2");
    await set(dir, "config", "app.json#latencyMs=50", "app=web,env=staging");
    await set(dir, "replicas", "2..9", "app=web,env=staging");
    expect(await up(dir, { where: "app=web" })).toMatchObject({ apps: 0, same: ["web"] });
    const { edits, kept } = await up(dir, { where: "app=web", with: ["env", "config", "replicas"] });
    expect(edits[0]?.values.map(({ path }) => path)).toEqual([
      "env.LOG_LEVEL",
      "env.ONLY",
      "config.app.json.latencyMs",
      "scale.min",
      "scale.max",
    ]);
    expect(kept).toEqual([expect.objectContaining({ path: "env.ONLY", clusters: ["p2"] })]);
    const { image, env, config, scale } = await seen(dir, "web", "s1");
    expect(await seen(dir, "web", "p1")).toMatchObject({ image, env, config, scale });
  });
});

test.each([
  [{ where: "app=web-v2" }, /LF1018/],
  [{ where: "app=nobody" }, /LF1005/],
  [{ from: "staging", to: "staging" }, /LF9001/],
  [{ to: "pord" }, /LF1010/],
  [{ where: "env=prod" }, /LF9001/],
  [{ from: "prod", to: "staging", where: "app=web-v2" }, /LF1018 web-v2 does not run in staging|LF1018/],
])("%j is refused", async (options, message) => {
  await inFolder(files, async (dir) => {
    await expect(up(dir, options)).rejects.toThrow(message);
  });
});

test("an app whose clusters differ, or that does not run in the target, is left out and told", async () => {
  await inFolder(files, async (dir) => {
    await set(dir, "version", "1.5.0", "app=cart,cluster=p1");
    const { without } = await up(dir, { from: "prod", to: "staging" });
    expect(without).toEqual([
      { app: "cart", reason: "its clusters differ in image; set it by hand" },
      { app: "web-v2", reason: "it does not run in staging" },
    ]);
  });
});

test("one commit, undone by a revert", async () => {
  await inRepository(files, async (dir) => {
    await setValues(dir, { kind: "version", values: ["2.0.0"], where: "tier=api,env=staging", plan: false });
    const { commit = "" } = await up(dir, { commit: true });
    expect(git(dir, "show", "--name-only", "--format=%B", commit).split("\n")).toEqual([
      "promote 2 apps from staging to prod",
      "",
      "cart: image 1.1.0 → 2.0.0",
      "pay: image 1.2.0 → 2.0.0",
      "",
      "",
      "values/environments/prod.json",
    ]);
    git(dir, "revert", "--no-edit", commit);
    expect((await seen(dir, "cart", "p1")).image).toBe("ghcr.io/acme/cart:1.1.0");
  });
});
