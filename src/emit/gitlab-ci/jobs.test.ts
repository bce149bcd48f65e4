/** The jobs as a person reads them, and what must hold of each. `UPDATE_GOLDEN=1` rewrites the golden. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ciCompanies, ciFacts } from "../testing/ci-facts.ts";
import { gitlabCi } from "./index.ts";

interface Job {
  extends?: string;
  rules?: { if: string }[];
  environment?: string;
  variables?: Record<string, string>;
}
const textOf = (facts = ciFacts) => gitlabCi(facts).get("landfall.gitlab-ci.yml") ?? "";
const jobsOf = (facts = ciFacts) => parse(textOf(facts)) as Record<string, Job>;

test("a company's jobs are as reviewed", () => {
  const golden = new URL("golden/acme.yml", import.meta.url);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(new URL(".", golden), { recursive: true });
    writeFileSync(golden, textOf());
  }
  expect(textOf()).toBe(readFileSync(golden, "utf8"));
});

test.each(ciCompanies)(
  "%s: sets nothing for other jobs, and runs each of its own at one occasion",
  (_what, facts) => {
    const jobs = jobsOf(facts);
    for (const [name, { extends: from, rules }] of Object.entries(jobs)) {
      if (name === ".landfall") continue;
      expect(name).toMatch(/^landfall:/);
      expect(from).toBe(".landfall");
      expect(rules).toHaveLength(1);
    }
    const occasions = Object.values(jobs).flatMap(({ rules = [] }) =>
      rules.map((rule) => rule.if.split(" && ")[0]),
    );
    expect(new Set(occasions).size).toBe(occasions.length);
  },
);

test("what is merged runs without the environment, everything else on the delivered branch alone", () => {
  const { "landfall:plan": plan, ".landfall": _, ...others } = jobsOf();
  expect(plan?.environment).toBeUndefined();
  for (const { environment, rules } of Object.values(others)) {
    expect(environment).toBe("fleet");
    expect(rules?.[0]?.if).toContain('$CI_COMMIT_BRANCH == "main"');
  }
});

test("without a Git host for the fleet there is the plan alone", () => {
  expect(Object.keys(jobsOf({ ...ciFacts, fleetUrl: undefined }))).toEqual([".landfall", "landfall:plan"]);
});

test("a dollar in a name names no variable", () => {
  const [, hard = ciFacts] = ciCompanies.at(-1) ?? [];
  expect(jobsOf(hard)[".landfall"]?.variables?.LANDFALL_FOLDER?.replaceAll("$$", "$")).toBe(hard.folder);
});
