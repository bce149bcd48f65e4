/**
 * The gate, in the order in which a failure is cheapest to know: what is generated, style, types, layers, unit tests,
 * the shop's own tests, then real systems end to end. Ends with one line that counts all tests.
 * `node scripts/test.ts lint unit` runs only the stages named.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installTestPackages } from "./test-packages.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = mkdtempSync(join(tmpdir(), "landfall-test-"));

interface Stage {
  name: string;
  command: string[];
  /** Vitest's report, whose tests are counted; without one the stage counts as one test. */
  report?: string;
}

const vitest = (project: string): Stage => {
  const report = join(reports, `${project}.json`);
  return {
    name: project,
    command: [
      "vitest",
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    report,
  };
};

const stages: Stage[] = [
  { name: "generated", command: ["node", "scripts/generate.ts", "--check"] },
  { name: "style", command: ["biome", "check", "."] },
  { name: "types", command: ["tsc"] },
  { name: "layers", command: ["depcruise", "--config", ".dependency-cruiser.cjs", "src"] },
  { name: "unused", command: ["knip"] },
  vitest("unit"),
  { name: "services", command: ["bash", "examples/shop/test.sh", "alone"] },
  vitest("shop"),
  { name: "programs", command: ["node", "--disable-warning=ExperimentalWarning", "scripts/programs.ts"] },
  vitest("servers"),
  vitest("system"),
  vitest("e2e"),
];

interface Count {
  passed: number;
  failed: number;
  skipped: number;
  /** Tests that passed at their second try only, each with why the first one failed. */
  again?: string[];
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[];
}

function run({ name, command, report }: Stage): Count {
  process.stdout.write(`\n── ${name}: ${command.slice(0, 4).join(" ")}\n`);
  const [program = "", ...args] = command;
  const started = performance.now();
  const path = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: path },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`── ${name}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s\n`);
  const counted = report && existsSync(report) ? countReport(report) : undefined;
  if (!counted) return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
  // A file that cannot be loaded fails the run without a failed test.
  return status !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}

function countReport(report: string): Count {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  ) as Report;
  const again = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status, failureMessages }) => status === "passed" && failureMessages.length > 0)
    .map(({ fullName, failureMessages: [why = ""] }) => `${fullName}\n    ${why.split("\n")[0]}`);
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, again };
}

const wanted = process.argv.slice(2);
const chosen = stages.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === stages.length) await installTestPackages();
const counts = chosen.map(run);
rmSync(reports, { recursive: true, force: true });
const again = counts.flatMap((count) => count.again ?? []);
if (again.length > 0) process.stdout.write(`\npassed at the second try only:\n  ${again.join("\n  ")}\n`);
const sum = (key: "passed" | "failed" | "skipped") => counts.reduce((total, count) => total + count[key], 0);
const failed = sum("failed");
const broken = chosen.filter((_, i) => (counts[i]?.failed ?? 0) > 0).map(({ name }) => name);
if (broken.length > 0) process.stdout.write(`\nfailed stages: ${broken.join(", ")}\n`);
process.stdout.write(
  `\n${sum("passed")} passed, ${failed} failed${sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : ""}\n`,
);
process.exitCode = failed > 0 ? 1 : 0;
