import { expect, test } from "vitest";
import { estateFiles } from "../estate/index.ts";
import { promote } from "./promote.ts";
import { setValues } from "./set.ts";
import { git, inRepository, read, seen } from "./testing/company.ts";

const size = { apps: 10_000, clusters: 100, seed: 1 };

test("1,000 of 10,000 apps change by one command in one commit, undone by one revert", async () => {
  await inRepository(estateFiles("acme", { ...size, form: "ts" }), async (dir) => {
    const first = git(dir, "rev-parse", "HEAD");
    const set = await setValues(dir, {
      kind: "version",
      values: ["9.9.9"],
      where: "tier=web,env=staging",
      plan: false,
    });
    const values = "values/environments/staging.json";
    expect(set.apps).toBeGreaterThan(900);
    expect(Object.keys(JSON.parse(read(dir, values)).apps)).toHaveLength(set.apps);
    const promoted = await promote(dir, { from: "staging", to: "prod", plan: false });
    expect(promoted.apps).toBe(set.apps);
    const app = set.edits[0]?.app ?? "";
    const prod = promoted.edits[0]?.scope.clusters.values().next().value ?? "";
    expect([app, (await seen(dir, app, prod)).image?.split(":").at(-1)]).toEqual([app, "9.9.9"]);
    expect(git(dir, "log", "--format=%H").split("\n")).toEqual([promoted.commit, set.commit, first]);
    git(dir, "revert", "--no-edit", promoted.commit ?? "", set.commit ?? "");
    expect(git(dir, "diff", "--stat", first)).toBe("");
  });
}, 180_000);
