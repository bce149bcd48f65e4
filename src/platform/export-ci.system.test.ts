/** The exported pipeline's own scripts, run as GitHub runs them: real npm, git and landfall, and a Git host that wants a token. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parse } from "yaml";
import { program, run, useLandfall } from "../cli/testing/landfall.ts";
import { type GitHost, startGitHost } from "./testing/git-host.ts";
import { findSshd, startSshHost } from "./testing/ssh-host.ts";

const start = useLandfall();
let host: GitHost | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

const declaration = (image: string, fleet = "https://git.example.com/fleet.git") => `landfall: 2
company: acme
clusters: { eu: { type: kubernetes, context: eu } }
fleet: { url: "${fleet}" }
parts: { flux: {} }
secrets: { token: { generate: 32 } }
apps: { web: { image: "${image}", env: { TOKEN: { secret: token } } } }
`;

interface Job {
  env?: Record<string, string>;
  steps: { id?: string; run?: string; env?: Record<string, string> }[];
}

/** A repository with a declaration in `platform` and its pipeline, where `npm ci` installs this very landfall. */
async function company(fleet?: string) {
  host = await startGitHost("s3cret");
  const { base, landfall, env } = start();
  const repo = join(base, "repo");
  const git = async (...args: string[]) => {
    const { code, stdout, stderr } = await run("git", ["-C", repo, ...args], { env });
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  const config = `[url "${host.url}/"]\n  insteadOf = https://git.example.com/\n[user]\n  name = a\n  email = a@localhost\n`;
  write(base, { ".gitconfig": config });
  write(repo, {
    "vendor/landfall/package.json": JSON.stringify({ name: "landfall", version: "0.0.0", bin: "./landfall" }),
    "vendor/landfall/landfall": `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`,
    "package.json": JSON.stringify({ private: true, devDependencies: { landfall: "file:vendor/landfall" } }),
    ".gitignore": "node_modules/\n",
    "platform/landfall.config.yaml": declaration("web:1.0.0", fleet),
  });
  await run("git", ["init", "--quiet", "--initial-branch=main", repo], { env });
  await run("chmod", ["755", join(repo, "vendor/landfall/landfall")]);
  expect(await run("npm", ["install", "--offline", "--no-audit"], { cwd: repo, env })).toMatchObject({
    code: 0,
  });
  expect(await landfall(["export", "ci", "github", "repo/platform"])).toMatchObject({ code: 0 });
  const commit = async () => {
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "change");
  };
  return { base, repo, git, commit, env, landfall };
}

function write(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Run a job's scripts one after the other, as `bash -e` in the declaration's folder; what the last one ended with. */
async function runJob(
  { repo, base, env }: Awaited<ReturnType<typeof company>>,
  [file, id]: [file: string, id: string],
  values: Record<string, string> = {},
) {
  const workflow = parse(readFileSync(join(repo, ".github/workflows", file), "utf8"));
  const temp = join(base, `temp-${Math.random().toString(36).slice(2)}`);
  mkdirSync(temp);
  const summary = join(temp, "summary.md");
  const output = join(temp, "output");
  const given = {
    ...{ GITHUB_ACTOR: "ada", GITHUB_ACTOR_ID: "1", GITHUB_REF_NAME: "main" },
    GITHUB_SERVER_URL: "https://github.example.com",
    ...env,
    ...workflow.env,
    RUNNER_TEMP: temp,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_OUTPUT: output,
  };
  const { steps } = workflow.jobs[id] as Job;
  let last = { code: 0 as number | null, stdout: "", stderr: "" };
  for (const step of steps.filter((one) => one.run)) {
    if (last.code !== 0) break;
    const own = Object.keys(step.env ?? {}).map((key) => [key, values[key] ?? ""]);
    const options = {
      cwd: join(repo, workflow.env.LANDFALL_FOLDER),
      env: { ...given, ...Object.fromEntries(own) },
    };
    last = await run("bash", ["-e", "-c", step.run ?? ""], options);
  }
  const read = (path: string) => readFileSync(path, "utf8");
  return { ...last, summary: () => read(summary), output: () => read(output) };
}

test("a pull request is planned against its base, without a secret and without the fleet repo", async () => {
  const acme = await company();
  await acme.commit();
  await acme.git("switch", "--quiet", "--create", "newer");
  write(acme.repo, { "platform/landfall.config.yaml": declaration("web:2.0.0") });
  await acme.commit();
  await acme.git("switch", "--quiet", "main");
  await acme.git("merge", "--quiet", "--no-ff", "newer");
  const planned = await runJob(acme, ["landfall-plan.yaml", "plan"]);
  expect(planned, planned.stderr).toMatchObject({ code: 0 });
  expect(planned.summary()).toContain("web:1.0.0 → web:2.0.0");
  expect(planned.summary()).toContain("against base");
  expect(planned.output()).toMatch(/^markdown<<([0-9a-f]{32})\n### landfall plan: acme\n[\s\S]*\n\1\n$/);
  expect(host?.asked).toBe(0);
}, 120_000);

test("the first pull request of all has everything to create", async () => {
  const acme = await company();
  await acme.git("commit", "--quiet", "--allow-empty", "--message", "nothing yet");
  await acme.commit();
  const planned = await runJob(acme, ["landfall-plan.yaml", "plan"]);
  expect(planned, planned.stderr).toMatchObject({ code: 0 });
  expect(planned.summary()).toContain("app web");
  expect(planned.summary()).toMatch(/\d+ to create;/);
}, 120_000);

test("what is declared is pushed to the fleet repo by the token, once its secrets have values", async () => {
  const acme = await company();
  // A registry that wants a login does not say whether it has the version that is typed below.
  const image = `${new URL(host?.url ?? "").host}/web:1.0.0`;
  write(acme.repo, { "platform/landfall.config.yaml": declaration(image) });
  await acme.commit();
  const token = { LANDFALL_FLEET_TOKEN: "s3cret" };
  const early = await runJob(acme, ["landfall-deliver.yaml", "deliver"], token);
  expect(early).toMatchObject({ code: 4, stderr: expect.stringContaining("secrets have no value yet") });
  expect(await host?.head()).toBeUndefined();

  await acme.commit();
  const refused = await runJob(acme, ["landfall-deliver.yaml", "deliver"], { LANDFALL_FLEET_TOKEN: "wrong" });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("LF3002") });
  expect(refused.stderr).not.toContain("wrong");

  const delivered = await runJob(acme, ["landfall-deliver.yaml", "deliver"], token);
  expect(delivered, delivered.stderr).toMatchObject({ code: 0 });
  expect(await host?.head()).toMatch(/^[0-9a-f]{40}$/);
  expect(await host?.show("apps/web.yaml")).toContain("web:1.0.0");

  // A release by hand: queued in the fleet repo, and the version is on the branch for the next delivery.
  const origin = join(acme.base, "origin.git");
  await run("git", ["clone", "--quiet", "--bare", acme.repo, origin], { env: acme.env });
  await acme.git("remote", "add", "origin", origin);
  const started = await runJob(acme, ["landfall-release.yaml", "start"], {
    ...token,
    ...{ LANDFALL_APP: "web", LANDFALL_VERSION: "2.0.0", GITHUB_TOKEN: "t" },
  });
  expect(started, started.stderr).toMatchObject({ code: 0 });
  expect(await host?.show("apps/web.yaml")).toContain("web:1.0.0");
  expect(await host?.files("releases")).toContainEqual(expect.stringMatching(/^web-2-0-0.*\.json$/));
  const log = await run("git", ["-C", origin, "log", "-1", "--format=%an <%ae>", "main"], { env: acme.env });
  expect(log.stdout).toBe("ada <1+ada@users.noreply.github.com>\n");
}, 240_000);

const sshd = await findSshd();

test.skipIf(sshd === undefined)(
  "a deploy key pushes too, and only to the host that is known",
  async () => {
    const ssh = await startSshHost(sshd ?? "");
    try {
      const acme = await company(ssh.url);
      await acme.commit();
      await acme.landfall(["build", "repo/platform"]);
      await acme.commit();
      const login = { LANDFALL_FLEET_KEY: ssh.key, LANDFALL_FLEET_KNOWN_HOSTS: ssh.knownHosts };
      const other = ssh.knownHosts.replace(/.{8}$/, "AAAAAAAA");
      const stranger = await runJob(acme, ["landfall-deliver.yaml", "deliver"], {
        ...login,
        LANDFALL_FLEET_KNOWN_HOSTS: other,
      });
      expect(stranger).toMatchObject({ code: 1, stderr: expect.stringMatching(/host key|Host key/) });
      expect(await ssh.head()).toBeUndefined();
      const delivered = await runJob(acme, ["landfall-deliver.yaml", "deliver"], login);
      expect(delivered, delivered.stderr).toMatchObject({ code: 0 });
      expect(await ssh.head()).toMatch(/^[0-9a-f]{40}$/);
    } finally {
      await ssh.stop();
    }
  },
  240_000,
);
