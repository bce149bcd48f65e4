import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { git } from "../platform/bulk/testing/company.ts";
import { company } from "../platform/release/testing/fleet.ts";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();
const ada = ["--by", "ada@example.com"];
const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
const id = `web-next-${day}`;

/** A company with a fleet repo that has it; no kubeconfig knows its clusters. */
async function built(yaml = company) {
  const { base, landfall } = start();
  writeFileSync(join(base, "landfall.config.yaml"), yaml);
  expect(await landfall(["build", "--commit"])).toMatchObject({ code: 0 });
  const lines = (text: string) => text.trimEnd().split("\n");
  const events = (text: string) => lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { base, landfall, lines, events };
}

test("a release's life, as people and programs are told of it", async () => {
  const { base, landfall, events } = await built();
  const release = (...args: string[]) => landfall(["release", ...args]);

  expect(await release()).toMatchObject({ code: 0, stdout: "there was no release yet\n" });
  expect(await release("history")).toMatchObject({ code: 0, stdout: "there was no release yet\n" });

  const dry = await release("start", "web", "--version", "next", "--dry-run", ...ada);
  expect(dry).toMatchObject({ code: 0, stderr: "next: landfall release start\n" });
  expect(dry.stdout).not.toContain("waits for");
  expect(dry.stdout).toContain(`web next  queued · started just now  ${id}`);
  expect((await release("status")).stdout).toBe("there was no release yet\n");

  // No cluster of it is known here: it is started, and left to an engine elsewhere.
  const started = await release("start", "web", "--version", "next", ...ada);
  expect(started.code).toBe(0);
  expect(started.stdout).toContain("web next  running · wave 1 of 2");
  expect(started.stdout).toContain("waits for an engine that reaches s1\n");
  // It is an engine itself, and asks for no other.
  expect(started.stderr).toContain("· web next: waits for its first step\n");
  expect(started.stderr).not.toContain("an engine to start it");
  expect(started.stderr).toMatch(/web next: start \(wave first\)/);
  expect(started.stderr).toMatch(/next: landfall release run, where its clusters can be reached\n$/);

  const status = await release("status", "--json");
  expect(documentOf(status)).toMatchObject({
    ok: true,
    releases: [{ id, phase: "running", startedBy: "ada@example.com", declared: ["values/all.json:5"] }],
  });
  const once = await release("run", "--once", "--json");
  expect(events(once.stdout).at(-1)).toEqual({ type: "result", ok: true, steps: 0 });

  const paused = await release("pause", ...ada);
  expect(paused.stdout).toMatch(/^✔ web next: paused by ada@example\.com · paused · [0-9a-f]{8}\n$/);
  expect((await release("status", id)).stdout).toContain(
    `waits for ada@example.com, who paused it: landfall release resume ${id}`,
  );
  expect(documentOf(await release("resume", "web", "--json", ...ada))).toMatchObject({
    ok: true,
    commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    release: { id, phase: "running" },
  });
  const unasked = await release("abort", ...ada);
  expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining("needs --yes") });
  expect((await release("abort", "--yes", ...ada)).stdout).toContain("web next: aborted by ada@example.com");
  await release("run", "--once");

  const history = await release("history", id);
  expect(history.stdout).toContain("  released  web  values/all.json:5\n");
  expect(history.stdout).toContain("  why       aborted by ada@example.com\n");
  expect(history.stdout).toMatch(
    / {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}[0-9a-f]{8} {2}pause +first +by ada@example\.com\n/,
  );
  const commits = documentOf(await release("history", id, "--json")).commits as Record<string, string>;
  expect(Object.keys(commits).length).toBeGreaterThanOrEqual(5);
  expect((await release("history")).stdout).toMatch(new RegExp(`^ {2}${id} {2}web next {2}aborted`));

  const restored = await release("acknowledge", "web", "--restore", ...ada);
  expect(restored).toMatchObject({
    code: 0,
    stdout: "✔ values/all.json written\n  values/all.json  web: env.LOG_LEVEL debug → none\n",
    stderr: "next: landfall build --commit · landfall release start\n",
  });
  expect(readFileSync(join(base, "values/all.json"), "utf8")).toBe('{\n  "apps": {}\n}\n');
}, 240_000);

test("whoever asks for what cannot be is told why, and what to do", async () => {
  const { landfall } = await built(
    company
      .replace("waves:", "releases: { approvers: [bob@example.com] }\nwaves:")
      .replace("clusters: [s1] }", "clusters: [s1], gates: [{ approval: {} }] }"),
  );
  const release = (...args: string[]) => landfall(["release", ...args, "--json"]);
  const problem = async (...args: string[]) => {
    const said = await release(...args);
    const [first] = documentOf(said).problems ?? [];
    return { exit: said.code, ...first };
  };
  expect(await problem("approve", ...ada)).toMatchObject({ exit: 2, code: "LF4020" });
  expect(await problem("start", "wep", "--version", "next", ...ada)).toMatchObject({
    exit: 2,
    code: "LF1005",
  });
  expect(await problem("start", "web", ...ada)).toMatchObject({ exit: 2, code: "LF4030" });
  // Nobody is named, and no pipeline runs this.
  expect(await problem("start", "web", "--version", "next")).toMatchObject({ exit: 2, code: "LF9001" });
  expect(await release("start", "web", "--version", "next", "--no-follow", ...ada)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("an engine to start it: landfall release run"),
  });
  expect(await problem("approve", ...ada)).toMatchObject({ exit: 1, code: "LF4022" });
  await release("run", "--once");
  expect(await problem("approve", ...ada)).toMatchObject({ exit: 4, code: "LF4023" });
  expect(await problem("approve", "--gate", "lead", "--by", "bob@example.com")).toMatchObject({
    exit: 1,
    code: "LF4024",
  });
  expect(await problem("approve", "--by", "bob@example.com")).toMatchObject({ exit: 1, code: "LF4024" });
  expect(await problem("acknowledge", id, ...ada)).toMatchObject({ exit: 1, code: "LF4022" });
  expect(await problem("watch", "web-nxt")).toMatchObject({
    exit: 2,
    code: "LF4020",
    fix: `there are ${id}`,
  });
}, 240_000);

test("without --by it is Git's user.email, and in a pipeline whoever started it", async () => {
  const { base, landfall } = await built();
  const env = { GITHUB_ACTOR: "grace" };
  const ci = await landfall(["release", "start", "web", "--version", "next", "--no-follow", "--json"], {
    env,
  });
  expect(documentOf(ci)).toMatchObject({ release: { startedBy: "grace" } });
  git(base, "init", "--quiet");
  git(base, "config", "user.email", "tester@example.com");
  const paused = await landfall(["release", "abort", "--yes", "--json"], { env });
  expect(documentOf(paused)).toMatchObject({ release: { reason: "aborted by tester@example.com" } });
}, 240_000);
