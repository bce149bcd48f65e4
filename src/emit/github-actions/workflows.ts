import { type CiFacts, type CiSecrets, fleetSecrets, kubeconfigSecret, type scriptsOf } from "../ci.ts";
import { expression, job, literal, workflow } from "./text.ts";

type Scripts = ReturnType<typeof scriptsOf>;

/** Plan a pull request. What it changes runs without secrets and may only read; another job, which runs none of it, comments. */
export function planWorkflow(facts: CiFacts, { check, plan }: Scripts): string {
  const number = expression("github.event.pull_request.number");
  return workflow(facts, {
    name: "landfall plan",
    on: "pull_request:",
    concurrency: { group: `landfall-plan-${number}`, cancel: true },
    jobs: [
      job(facts, {
        id: "plan",
        title: "Plan",
        depth: 2,
        outputs: { markdown: expression("steps.plan.outputs.markdown") },
        steps: [
          { name: "Check the declaration", run: check },
          {
            name: "Plan what it changes",
            id: "plan",
            run: `${plan}
cat plan.md >> "$GITHUB_STEP_SUMMARY"
mark=$(od -An -N16 -tx1 /dev/urandom | tr -d ' ')
{ echo "markdown<<$mark"; cat plan.md; echo "$mark"; } >> "$GITHUB_OUTPUT"`,
          },
        ],
      }),
      `comment:
  name: Comment
  needs: plan
  # A stranger's pull request may not write; its plan is in the summary.
  if: github.event.pull_request.head.repo.full_name == github.repository
  runs-on: ubuntu-24.04
  timeout-minutes: 5
  permissions:
    pull-requests: write # to comment
  steps:
    - name: Write the plan as a comment
      env:
        GH_TOKEN: ${expression("github.token")}
        MARKDOWN: ${expression("needs.plan.outputs.markdown")}
        NUMBER: ${number}
      run: |
        printf '%s' "$MARKDOWN" > "$RUNNER_TEMP/plan.md"
        gh pr comment "$NUMBER" --repo "$GITHUB_REPOSITORY" --edit-last --create-if-none --body-file "$RUNNER_TEMP/plan.md"`,
    ],
  });
}

/** Commit what the branch declares to the fleet repo. */
export function deliverWorkflow(facts: CiFacts, { deliver }: Scripts): string {
  const steps = [{ name: "Commit to the fleet repo", secrets: secretsOf(facts), run: deliver }];
  return workflow(facts, {
    name: "landfall deliver",
    on: `push:\n  branches:\n    - ${literal(facts.branch)}`,
    // A newer commit has all that an older one had, so of those that wait only the newest is run.
    concurrency: { group: "landfall-deliver", cancel: false },
    jobs: [job(facts, { id: "deliver", title: "Deliver", environment: true, steps })],
  });
}

/** Start a release by hand. */
export function releaseWorkflow(facts: CiFacts, { start }: Scripts): string {
  const env = {
    LANDFALL_APP: expression("inputs.app"),
    LANDFALL_VERSION: expression("inputs.version"),
    GITHUB_TOKEN: expression("github.token"),
  };
  const steps = [{ name: "Start the release", env, secrets: secretsOf(facts), run: start }];
  return workflow(facts, {
    name: "landfall release",
    on: `workflow_dispatch:
  inputs:
    app:
      description: The app, as it is declared
      required: true
      type: string
    version:
      description: Its new version
      required: true
      type: string`,
    concurrency: { group: `landfall-release-${expression("inputs.app")}`, cancel: false },
    jobs: [
      job(facts, {
        ...{ id: "start", title: "Start", environment: true, branch: true, steps },
        contents: "write # to commit the version beside the declaration",
      }),
    ],
  });
}

/** Let the release engine look once, now and then. Who runs it elsewhere too loses nothing: each step is done once. */
export function engineWorkflow(facts: CiFacts, { engine }: Scripts): string {
  const schedule = facts.schedule ? '\nschedule:\n  - cron: "*/15 * * * *"' : "";
  const secrets = { ...secretsOf(facts), ...kubeconfigSecret };
  const steps = [{ name: "Take releases one step on", secrets, run: engine }];
  return workflow(facts, {
    name: "landfall release engine",
    on: `workflow_dispatch:${schedule}`,
    concurrency: { group: "landfall-engine", cancel: false },
    jobs: [job(facts, { id: "engine", title: "Engine", environment: true, branch: true, steps })],
  });
}

const secretsOf = ({ fleetUrl = "" }: CiFacts): CiSecrets => fleetSecrets(fleetUrl);
