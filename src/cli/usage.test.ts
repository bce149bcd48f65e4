import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { documentOf, run, useLandfall, useResident } from "./testing/landfall.ts";

const start = useLandfall();
const resident = useResident();
const commands = [
  "init",
  "import",
  "check",
  "plan",
  "set",
  "promote",
  "explain",
  "build",
  "export",
  "eject",
  "graph",
  "up",
  "status",
  "dns",
  "shift",
  "release",
  "down",
  "secret",
  "doctor",
  "migrate",
  "completion",
];

describe("help is as reviewed (UPDATE_GOLDEN=1 rewrites it)", () => {
  test.each([
    "",
    ...commands,
    "secret set",
    "export helm",
    "export ci",
    "release start",
    "release run",
    "release approve",
  ])("landfall %s --help", async (command) => {
    const words = command.split(" ").filter(Boolean);
    const { code, stdout, stderr } = await resident([...words, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const file = new URL(`golden/help${words.map((word) => `-${word}`).join("")}.txt`, import.meta.url);
    if (process.env.UPDATE_GOLDEN) {
      mkdirSync(new URL(".", file), { recursive: true });
      writeFileSync(file, stdout);
    }
    expect(stdout).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
  });
});

test.each([
  [["chek"], /unknown command 'chek'/, /check/],
  [["check", "--jsno"], /unknown option '--jsno'/, /--json/],
  [["secret", "lst"], /unknown command 'lst'/, /list/],
  [["release", "abort", "a", "b"], /too many arguments/, /1 argument/],
  [["shift", "web", "25%"], /required option '--to <app>' not specified/, /--help/],
  [["secret", "set"], /missing required argument 'name'/, /--help/],
  [["up", "--mode", "fast"], /'fast' is invalid/, /auto, pods, simulated/],
  [["up", "--bin", "kubelet"], /--bin takes name=path/, /--bin kubelet=/],
  [["completion", "tcsh"], /bash, zsh, fish, not tcsh/, /--help/],
  [["check", "a", "b"], /too many arguments/, /1 argument/],
])("%j is wrong usage, said once with its fix, as text and as JSON", async (args, what, fix) => {
  const said = await resident(args);
  expect(said).toMatchObject({ code: 2, stdout: "" });
  expect(said.stderr).toMatch(what);
  expect(said.stderr).toMatch(fix);
  expect(said.stderr.match(/LF9001/g)).toHaveLength(1);
  const json = await resident([...args, "--json"]);
  expect(json).toMatchObject({ code: 2, stderr: "" });
  expect(documentOf(json)).toMatchObject({
    type: "result",
    ok: false,
    exit: 2,
    problems: [{ code: "LF9001" }],
  });
});

test.each([[["check", "--jsno"]], [["secret", "set", "--json"]], [["check", "--help"]]])(
  "a process of its own says the same of %j",
  async (args) => {
    const { landfall } = start();
    expect(await landfall(args)).toEqual(await resident(args));
  },
);

test("no command at all shows the help and is wrong usage; a group shows its own", async () => {
  const { landfall } = start();
  const bare = await landfall([]);
  expect(bare).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("Usage: landfall [options]"),
  });
  const group = await landfall(["secret"]);
  expect(group).toMatchObject({ code: 2, stderr: expect.stringContaining("Usage: landfall secret") });
});

describe.each([
  [["check"], 2, "LF1001"],
  [["build"], 2, "LF1001"],
  [["graph"], 2, "LF1001"],
  [["migrate"], 2, "LF1001"],
  [["up"], 2, "LF1001"],
  [["status"], 2, "LF1001"],
  [["down", "--yes"], 2, "LF1001"],
  [["secret", "list"], 2, "LF1001"],
  [["secret", "set", "x"], 2, "LF1001"],
  [["secret", "rotate", "x"], 2, "LF1001"],
  [["down"], 2, "LF9001"],
])("%j where no declaration is", (args, code, problem) => {
  test("gives JSON that ends with the result, also on failure", async () => {
    const failed = await resident([...args, "--json"]);
    expect(failed).toMatchObject({ code, stderr: "" });
    const last = JSON.parse(failed.stdout.trimEnd().split("\n").at(-1) ?? "");
    expect(last).toMatchObject({ type: "result", ok: false, exit: code });
    expect(last.problems[0]).toMatchObject({ code: problem, severity: "error", fix: expect.any(String) });
  });
});

test("doctor --json lists each check with its fix where it is needed", async () => {
  const { landfall } = start();
  const told = await landfall(["doctor", "--json"]);
  const { healthy, checks } = documentOf(told) as { healthy: boolean; checks: Record<string, string>[] };
  expect(told.code).toBe(healthy ? 0 : 1);
  expect(checks.length).toBeGreaterThan(5);
  for (const check of checks) {
    expect(check).toMatchObject({ title: expect.any(String), found: expect.any(String) });
    if (check.state !== "ok") expect(check.fix, check.title).toBeTruthy();
  }
}, 60_000);

test.each([{}, { NO_COLOR: "1" }, { TERM: "xterm-256color" }])(
  "no terminal, no colours (%j)",
  async (env) => {
    const { landfall } = start();
    const runs = [await landfall(["init", "x"], { env }), await landfall(["check", "x"], { env })];
    runs.push(await landfall(["check", "nowhere"], { env }), await landfall(["doctor"], { env }));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toMatch(/\u001b/);
  },
  60_000,
);

describe("completion", () => {
  test("completes commands, subcommands and options in bash", async () => {
    const { base, landfall } = start();
    const { stdout } = await landfall(["completion", "bash"]);
    writeFileSync(join(base, "landfall.bash"), stdout);
    const complete = async (...words: string[]) => {
      const script = `source landfall.bash; COMP_WORDS=(landfall "$@"); COMP_CWORD=$#; _landfall; echo "\${COMPREPLY[*]}"`;
      const { stdout, stderr } = await run("bash", ["--norc", "-c", script, "bash", ...words], { cwd: base });
      expect(stderr).toBe("");
      return stdout.trimEnd().split(" ");
    };
    expect(await complete("")).toEqual(expect.arrayContaining(commands));
    expect(await complete("do")).toEqual(["down", "doctor"]);
    expect(await complete("secret", "r")).toEqual(["rotate"]);
    expect(await complete("build", "--f")).toEqual(["--force"]);
    expect(await complete("up", "--unsafe")).toEqual([""]);
    expect(await complete("check", "landf")).toEqual(["landfall.bash"]);
  });

  test.each(["bash", "zsh", "fish"])("the script for %s is printed alone", async (shell) => {
    const { landfall } = start();
    const { code, stdout, stderr } = await landfall(["completion", shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of commands) expect(stdout).toContain(command);
    if (shell !== "fish") expect((await run("bash", ["--norc", "-n"], { input: stdout })).stderr).toBe("");
  });
});
