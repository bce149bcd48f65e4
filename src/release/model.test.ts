import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { check } from "./testing/check.ts";
import { documented } from "./testing/documented.ts";
import { mutants } from "./testing/mutants.ts";

const known = documented(readFileSync(new URL("../../docs/releases.md", import.meta.url), "utf8"));

// Each takes seconds of a core, and may have to share it.
describe("a simulated fleet", { timeout: 120_000 }, () => {
  it("breaks no law, and does only what docs/releases.md says", () => {
    const { failure, transitions, commits } = check(1, 800, 800);
    expect(failure).toBeUndefined();
    expect(commits).toBeGreaterThan(5_000);
    expect([...transitions].filter((one) => !known.has(one))).toEqual([]);
    // The rest of the table is seen in the long run.
    expect(transitions.size).toBeGreaterThan(known.size * 0.8);
  });

  it.each(mutants)("finds that $name", (mutant) => {
    expect(check(1, 1500, 0, mutant).failure).toBeDefined();
  });
});
