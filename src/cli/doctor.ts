import { Command } from "commander";
import { inspectMachine } from "../embedded/index.ts";
import { declaredPorts } from "../platform/declared-ports.ts";
import { paint, printNext, printResult, table } from "./output.ts";

const marks = { ok: paint("green", "✔"), warn: paint("yellow", "!"), fail: paint("red", "✖") };

/** `landfall doctor`: what this machine has for an embedded cluster, and the fix for what it lacks. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("check this machine for what an embedded cluster needs")
    .argument("[path]", "the declaration whose ports are looked at", ".")
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, { json = false }: { json?: boolean }) => {
      const checks = await inspectMachine({ ports: await declaredPorts(path) });
      const healthy = checks.every(({ state }) => state !== "fail");
      printResult(json, { healthy, checks }, () =>
        table(
          checks.map(({ title, state, found, fix }) => [
            marks[state],
            title,
            fix ? `${found}; ${paint("dim", `fix: ${fix}`)}` : found,
          ]),
        ),
      );
      if (!healthy) process.exitCode = 1;
      printNext(json, "landfall up");
    });
}
