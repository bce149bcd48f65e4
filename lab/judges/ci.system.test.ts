/** Pipelines by actionlint (with ShellCheck for their scripts), zizmor, and the schema that GitLab publishes. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { githubActions } from "../../src/emit/github-actions/index.ts";
import { gitlabCi } from "../../src/emit/gitlab-ci/index.ts";
import { ciCompanies, ciFacts } from "../../src/emit/testing/ci-facts.ts";
import { sha256 } from "../../src/util/hash.ts";
import { debianTool, isThere, judge, landfallTool, pythonTool } from "./tools.ts";

const actionlint = await landfallTool("actionlint");
const shellcheck = await debianTool("shellcheck", "shellcheck");
const zizmor = await pythonTool("zizmor", "1.32.0", "bin/zizmor");
const schemaCheck = await pythonTool("check-jsonschema", "0.39.0", "check_jsonschema:main");

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A repository with these files below one of its folders. */
function repository(below: string, files: Iterable<[string, string]>): string {
  const root = mkdtempSync(join(tmpdir(), "landfall-judge-"));
  made.push(root);
  execFileSync("git", ["init", "--quiet", root]);
  mkdirSync(join(root, below), { recursive: true });
  for (const [path, text] of files) writeFileSync(join(root, below, path), text);
  return root;
}

const workflows = (files: Iterable<[string, string]>) => repository(".github/workflows", files);
const changed = (file: string, from: string, to: string): [string, string][] => {
  const text = githubActions(ciFacts).get(file) ?? "";
  expect(text).toContain(from);
  return [[file, text.replace(from, to)]];
};

const untrusted = "${".concat("{ github.event.pull_request.title }}");

describe.skipIf(!isThere(actionlint) || !isThere(shellcheck))("actionlint", { timeout: 300_000 }, () => {
  const lint = (root: string) =>
    judge(actionlint, ["-shellcheck", "command" in shellcheck ? shellcheck.command : "", "-no-color"], root);

  it.each(ciCompanies)("finds nothing: %s", async (_what, facts) => {
    expect(await lint(workflows(githubActions(facts)))).toEqual({ code: 0, text: "" });
  });

  it.each([
    ["a key that there is not", "timeout-minutes: 15", "timeout-minute: 15", "unexpected key"],
    ["an output of a job that does not exist", "needs: plan", "needs: nothing", "nothing"],
    ["a script's mistake", 'cd "$temp/worktree"', "cd $temp/worktree", "SC2086"],
  ])("finds %s", async (_what, from, to, said) => {
    const { code, text } = await lint(workflows(changed("landfall-plan.yaml", from, to)));
    expect(text).toContain(said);
    expect(code).toBe(1);
  });
});

describe.skipIf(!isThere(zizmor))("zizmor, pedantic", { timeout: 300_000 }, () => {
  const audit = async (root: string) => {
    const args = ["--persona", "pedantic", "--offline", "--quiet", "--format", "json", "."];
    const { code, text } = await judge(zizmor, args, root);
    const findings = JSON.parse(text) as {
      ident: string;
    }[];
    return { code, found: findings.map(({ ident }) => ident) };
  };

  it.each(ciCompanies)("finds nothing: %s", async (_what, facts) => {
    expect(await audit(workflows(githubActions(facts)))).toEqual({ code: 0, found: [] });
  });

  it.each([
    [
      "a title that becomes part of a script",
      "run: npm ci",
      `run: echo ${untrusted} && npm ci`,
      "template-injection",
    ],
    ["credentials that stay in the work tree", "persist-credentials: false", "", "artipacked"],
    ["an action by a tag", /@3d3c\w+ # v7.0.1/, "@v7", "unpinned-uses"],
    ["rights for all jobs", "permissions: {}", "permissions: write-all", "excessive-permissions"],
    ["a right nobody explains", "write # to comment", "write", "undocumented-permissions"],
  ])("finds %s", async (_what, from, to, ident) => {
    const text = githubActions(ciFacts).get("landfall-plan.yaml") ?? "";
    const { code, found } = await audit(workflows([["landfall-plan.yaml", text.replace(from, to)]]));
    expect(found).toContain(ident);
    expect(code).not.toBe(0);
  });
});

describe.skipIf(!isThere(schemaCheck))("GitLab's schema", { timeout: 300_000 }, () => {
  const file = "landfall.gitlab-ci.yml";
  const check = (text: string) => {
    const root = repository(".gitlab", [[file, text]]);
    return judge(schemaCheck, ["--builtin-schema", "vendor.gitlab-ci", `.gitlab/${file}`], root);
  };
  const jobs = (facts = ciFacts) => gitlabCi(facts).get(file) ?? "";

  it("is the one that is pinned, as GitLab publishes it", () => {
    const python = "command" in schemaCheck ? schemaCheck.command : "";
    const script =
      "import check_jsonschema, pathlib; print(pathlib.Path(check_jsonschema.__file__).parent / 'builtin_schemas/vendor/gitlab-ci.json')";
    const schema = readFileSync(execFileSync(python, ["-c", script], { encoding: "utf8" }).trim(), "utf8");
    expect(JSON.parse(schema).$id).toBe("https://gitlab.com/.gitlab-ci.yml");
    expect(sha256(schema)).toBe("1c6eeb7d3a34c39996afbfe1ade220480eb05bbeae674e86d3c745dfeeded7fd");
  });

  it.each(ciCompanies)("is kept: %s", async (_what, facts) => {
    expect(await check(jobs(facts))).toMatchObject({ code: 0, text: expect.stringContaining("ok") });
  });

  it.each([
    [
      "a word where a yes or no belongs",
      "interruptible: true",
      "interruptible: maybe",
      "'maybe' is not of type",
    ],
    ["a key that there is not", "expose_as: landfall plan", "expose: landfall plan", "expose"],
    ["a condition by another name", "- if: $CI", "- when_it_is: $CI", "landfall:plan"],
  ])("finds %s", async (_what, from, to, said) => {
    const { code, text } = await check(jobs().replace(from, to));
    expect(text).toContain(said);
    expect(code).toBe(1);
  });
});
