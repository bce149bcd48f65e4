/**
 * Jobs of GitLab CI for the repository that holds the declaration, as a file that its `.gitlab-ci.yml` includes. Pure:
 * facts in, path → text out. It sets nothing for other jobs: no stages, no defaults, no workflow rules.
 */
import { type CiFacts, type CiHostWords, fleetSecrets, install, kubeconfigSecret, scriptsOf } from "../ci.ts";

const words: CiHostWords = {
  base: '"$CI_MERGE_REQUEST_DIFF_BASE_SHA"',
  name: "$GITLAB_USER_NAME",
  email: "$GITLAB_USER_EMAIL",
  push: `login=$(printf 'gitlab-ci-token:%s' "$CI_JOB_TOKEN" | base64 --wrap=0)
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$CI_SERVER_URL/.extraheader" GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $login"
git push --quiet --push-option=ci.skip "$CI_SERVER_URL/$CI_PROJECT_PATH.git" "HEAD:$CI_COMMIT_BRANCH"`,
};

/** The file to include, by its path in `.gitlab`. Without a Git host for the fleet it holds the plan alone. */
export function gitlabCi(facts: CiFacts): Map<string, string> {
  const scripts = scriptsOf(facts, words);
  const jobs = [common(facts), planJob(scripts)];
  if (facts.fleetUrl !== undefined)
    jobs.push(deliverJob(facts, scripts), startJob(facts, scripts), engineJob(facts, scripts));
  return new Map([["landfall.gitlab-ci.yml", `${head(facts)}\n${jobs.join("\n\n")}\n`]]);
}

type Scripts = ReturnType<typeof scriptsOf>;

function head({ fleetUrl }: CiFacts): string {
  if (fleetUrl === undefined) return generated;
  const secrets = Object.entries({ ...fleetSecrets(fleetUrl), ...kubeconfigSecret });
  const lines = secrets.map(([name, what]) => `#   ${name}: ${what}\n`);
  return `${generated}# CI/CD variables to set, each protected, for the environment fleet:\n${lines.join("")}`;
}

const generated = "# Written by `landfall export ci gitlab`; run it again instead of editing this file.\n";

/** What all jobs have: Node, landfall as it is locked, a folder that goes with the job. */
function common(facts: CiFacts): string {
  return `.landfall:
  image: node:${facts.node}-bookworm
  timeout: 15 minutes
  variables:
    LANDFALL_DECLARATION: ${literal(facts.declaration)}
    LANDFALL_FOLDER: ${literal(facts.folder)}
    LANDFALL_PACKAGE: ${literal(facts.packageFolder)}
  before_script:
    - temp=$(mktemp -d)
    - cd "$LANDFALL_FOLDER"
    - ${install}`;
}

/** A merge request runs in the project it comes from: a stranger's has no variable of this one. */
function planJob({ check, plan }: Scripts): string {
  return `landfall:plan:
  extends: .landfall
  stage: test
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  interruptible: true
  variables:
    GIT_DEPTH: "0"
  script:
    - ${check}
${item(`${plan}\ncat plan.md\ncp plan.md "$CI_PROJECT_DIR/landfall-plan.md"`)}
  artifacts:
    expose_as: landfall plan
    paths: [landfall-plan.md]
    expire_in: 30 days`;
}

function deliverJob({ branch }: CiFacts, { deliver }: Scripts): string {
  return `landfall:deliver:
  extends: .landfall
  stage: deploy
  rules:
    - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == ${compared(branch)}
  environment: fleet
  resource_group: landfall-deliver
  script:
${item(deliver)}`;
}

/** Started by hand, with the variables LANDFALL_APP and LANDFALL_VERSION. */
function startJob({ branch }: CiFacts, { start }: Scripts): string {
  return `landfall:release:
  extends: .landfall
  stage: deploy
  rules:
    - if: $CI_PIPELINE_SOURCE == "web" && $CI_COMMIT_BRANCH == ${compared(branch)} && $LANDFALL_APP && $LANDFALL_VERSION
  environment: fleet
  resource_group: landfall-release
  script:
${item(start)}`;
}

/** On a schedule whose variable LANDFALL_ENGINE says so, so that other schedules of the project stay what they are. */
function engineJob({ branch }: CiFacts, { engine }: Scripts): string {
  return `landfall:engine:
  extends: .landfall
  stage: deploy
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == ${compared(branch)} && $LANDFALL_ENGINE == "true"
  environment: fleet
  resource_group: landfall-engine
  script:
${item(engine)}`;
}

/** A script of several lines as one item, so that its blocks and variables hold together. */
function item(script: string): string {
  return `    - |\n${script.replace(/^(?=.)/gm, "      ")}`;
}

/** Any text as a variable's value that is taken as it is: a dollar would name another variable. */
function literal(text: string): string {
  return JSON.stringify(text.replaceAll("$", "$$$$"));
}

/** A text in a rule's comparison. */
function compared(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
