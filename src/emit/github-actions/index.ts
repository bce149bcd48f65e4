/**
 * Workflows of GitHub Actions for the repository that holds the declaration. Pure: facts in, path → text out. Jobs have
 * the least rights, every action is pinned to a commit, and nothing that somebody may choose is pasted into a script.
 */
import { type CiFacts, scriptsOf } from "../ci.ts";
import { deliverWorkflow, engineWorkflow, planWorkflow, releaseWorkflow } from "./workflows.ts";

/** Every workflow a company needs, by file name in `.github/workflows`. Without a Git host for the fleet it is the plan alone. */
export function githubActions(facts: CiFacts): Map<string, string> {
  const scripts = scriptsOf(facts, "HEAD^1");
  const files: [string, string][] = [["landfall-plan.yaml", planWorkflow(facts, scripts)]];
  if (facts.fleetUrl !== undefined) {
    files.push(["landfall-deliver.yaml", deliverWorkflow(facts, scripts)]);
    files.push(["landfall-release.yaml", releaseWorkflow(facts, scripts)]);
    files.push(["landfall-engine.yaml", engineWorkflow(facts, scripts)]);
  }
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}
