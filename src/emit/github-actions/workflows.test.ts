/** The workflows as a person reads them, and what must hold of each. `UPDATE_GOLDEN=1` rewrites the golden. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ciCompanies, ciFacts } from "../testing/ci-facts.ts";
import { githubActions } from "./index.ts";
import { expression } from "./text.ts";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}
interface Job {
  environment?: string;
  permissions: Record<string, string>;
  "timeout-minutes": number;
  env?: Record<string, string>;
  steps: Step[];
}
type Workflow = { on: Record<string, unknown>; permissions: object; env: Record<string, string> } & {
  jobs: Record<string, Job>;
};

const workflowsOf = (facts = ciFacts) =>
  new Map([...githubActions(facts)].map(([path, text]) => [path, parse(text) as Workflow]));
const jobsOf = (workflow: Workflow | undefined) => Object.values(workflow?.jobs ?? {});

test("a company's workflows are as reviewed", () => {
  const text = [...githubActions(ciFacts)].map(([path, content]) => `##### ${path}\n${content}`).join("\n");
  const golden = new URL("golden/acme.txt", import.meta.url);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(new URL(".", golden), { recursive: true });
    writeFileSync(golden, text);
  }
  expect(text).toBe(readFileSync(golden, "utf8"));
});

describe.each(ciCompanies)("%s", (_what, facts) => {
  const workflows = workflowsOf(facts);

  test("has jobs with a limit of time, the least rights, and actions that cannot be moved", () => {
    for (const { permissions, jobs } of workflows.values()) {
      expect(permissions).toEqual({});
      for (const job of Object.values(jobs)) {
        expect(job["timeout-minutes"]).toBeLessThanOrEqual(15);
        for (const { uses = "", with: given } of job.steps.filter((step) => step.uses)) {
          expect(uses).toMatch(/^actions\/(checkout|setup-node)@[0-9a-f]{40}$/);
          if (uses.startsWith("actions/checkout"))
            expect(given).toMatchObject({ "persist-credentials": false });
        }
      }
    }
  });

  test("pastes nothing into a script", () => {
    const runs = [...workflows.values()]
      .flatMap(jobsOf)
      .flatMap(({ steps }) => steps.flatMap((s) => s.run ?? []));
    expect(runs.length).toBeGreaterThan(3);
    for (const run of runs) {
      expect(run).not.toContain("${{");
      expect(run).not.toContain(facts.folder === "platform" ? "platform" : "date");
    }
  });

  test("gives what a pull request changes no secret and no right to write", () => {
    const { plan, comment } = workflows.get("landfall-plan.yaml")?.jobs ?? {};
    expect(plan?.permissions).toEqual({ contents: "read" });
    expect(plan?.environment).toBeUndefined();
    expect(JSON.stringify(plan)).not.toContain("secrets.LANDFALL");
    // The job that may write runs nothing that the pull request brings.
    expect(comment?.permissions).toEqual({ "pull-requests": "write" });
    expect(comment?.steps.map(({ uses, run }) => uses ?? run?.match(/^\w+/gm))).toEqual([["printf", "gh"]]);
  });

  test("keeps every secret to the environment `fleet`", () => {
    for (const job of [...workflows.values()].flatMap(jobsOf))
      if (JSON.stringify(job).includes("secrets.LANDFALL")) expect(job.environment).toBe("fleet");
  });
});

test("without a Git host for the fleet there is nothing to deliver, and no secret", () => {
  const files = githubActions({ ...ciFacts, fleetUrl: undefined });
  expect([...files.keys()]).toEqual(["landfall-plan.yaml"]);
  expect([...files.values()].join()).not.toContain("secrets.");
});

test("the engine looks every quarter of an hour, or when asked alone", () => {
  expect(workflowsOf().get("landfall-engine.yaml")?.on).toEqual({
    workflow_dispatch: null,
    schedule: [{ cron: "*/15 * * * *" }],
  });
  const { on } = workflowsOf({ ...ciFacts, schedule: false }).get("landfall-engine.yaml") ?? {};
  expect(on).toEqual({ workflow_dispatch: null });
});

test("a name that looks like an expression stays a name", () => {
  const [, hard = ciFacts] = ciCompanies.at(-1) ?? [];
  const { env } = workflowsOf(hard).get("landfall-plan.yaml") ?? { env: {} as Record<string, string> };
  // What GitHub makes of the escape.
  const evaluated = env.LANDFALL_FOLDER?.replace(expression("'${{'"), "${{");
  expect(evaluated).toBe(hard.folder);
});
