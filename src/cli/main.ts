import { Command, CommanderError } from "commander";
import { failure } from "../util/errors.ts";
import { buildCommand } from "./build.ts";
import { checkCommand } from "./check.ts";
import { completionCommand } from "./completion.ts";
import { doctorCommand } from "./doctor.ts";
import { downCommand } from "./down.ts";
import { initCommand } from "./init.ts";
import { reportFailure } from "./output.ts";
import { secretCommand } from "./secret.ts";
import { statusCommand } from "./status.ts";
import { upCommand } from "./up.ts";
import { version } from "./version.ts";

const wantsJson = process.argv.includes("--json");

const program = new Command("landfall")
  .description("One typed file declares a company's whole container platform.")
  .version(version())
  .showSuggestionAfterError()
  .configureOutput({ writeErr: () => undefined })
  .exitOverride()
  .addHelpText(
    "after",
    "\nExit codes: 0 done · 1 failed · 2 wrong usage or declaration · 3 changes found · 4 input or credentials needed · 130 interrupted",
  );

const commands = [
  initCommand,
  checkCommand,
  buildCommand,
  upCommand,
  statusCommand,
  downCommand,
  secretCommand,
  doctorCommand,
];
for (const make of commands) program.addCommand(inherit(make()));
program.addCommand(completionCommand(program));

/** What commander does not pass on to commands that were made apart. */
function inherit(command: Command): Command {
  command.copyInheritedSettings(program);
  for (const child of command.commands) inherit(child);
  return command;
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof CommanderError)) return reportFailure(wantsJson, error);
  if (error.exitCode === 0) return 0;
  if (error.code === "commander.help") {
    process.stderr.write(program.helpInformation());
    return 2;
  }
  const [what = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const fix = rest.join(" ").replace(/[()]/g, "").trim() || "`landfall --help` lists the commands";
  return reportFailure(wantsJson, failure("LF9001", { what, fix }));
}
