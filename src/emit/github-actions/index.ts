/**
 * Workflows of GitHub Actions for the repository that holds the declaration. Pure: facts in, path → text out. Jobs have
 * the least rights, every action is pinned to a commit, and nothing that somebody may choose is pasted into a script.
 */
import { type CiFacts, type CiHostWords, scriptsOf } from "../ci.ts";
import { deliverWorkflow, engineWorkflow, planWorkflow, releaseWorkflow } from "./workflows.ts";

const words: CiHostWords = {
  base: "HEAD^1",
  name: "$GITHUB_ACTOR",
  email: "$GITHUB_ACTOR_ID+$GITHUB_ACTOR@users.noreply.github.com",
  push: `login=$(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 --wrap=0)
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader" GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $login"
git push --quiet origin "HEAD:$GITHUB_REF_NAME"`,
};

/** Every workflow a company needs, by file name in `.github/workflows`. Without a Git host for the fleet it is the plan alone. */
export function githubActions(facts: CiFacts): Map<string, string> {
  const scripts = scriptsOf(facts, words);
  const files: [string, string][] = [["landfall-plan.yaml", planWorkflow(facts, scripts)]];
  if (facts.fleetUrl !== undefined) {
    files.push(["landfall-deliver.yaml", deliverWorkflow(facts, scripts)]);
    files.push(["landfall-release.yaml", releaseWorkflow(facts, scripts)]);
    files.push(["landfall-engine.yaml", engineWorkflow(facts, scripts)]);
  }
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}
