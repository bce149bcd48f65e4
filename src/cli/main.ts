import { Command, CommanderError } from "commander";
import { failure } from "../util/errors.ts";
import { reportFailure } from "./output.ts";
import { version } from "./version.ts";

const wantsJson = process.argv.includes("--json");

const program = new Command("landfall")
  .description("One typed file declares a company's whole container platform.")
  .version(version())
  .showSuggestionAfterError()
  // A command's own --version, of an app say, is not the program's.
  .enablePositionalOptions()
  .configureOutput({ outputError: () => undefined })
  .exitOverride()
  .addHelpText(
    "after",
    "\nExit codes: 0 done · 1 failed · 2 wrong usage or declaration · 3 changes found · 4 input or credentials needed · 130 interrupted",
  );

/** In the order of the help. Only the command that was asked for is loaded: each brings its own part of the house. */
const loaders: Record<string, () => Promise<Command>> = {
  init: async () => (await import("./init.ts")).initCommand(),
  import: async () => (await import("./import.ts")).importCommand(),
  check: async () => (await import("./check.ts")).checkCommand(),
  plan: async () => (await import("./plan.ts")).planCommand(),
  set: async () => (await import("./set.ts")).setCommand(),
  promote: async () => (await import("./promote.ts")).promoteCommand(),
  explain: async () => (await import("./explain.ts")).explainCommand(),
  build: async () => (await import("./build.ts")).buildCommand(),
  export: async () => (await import("./export.ts")).exportCommand(),
  eject: async () => (await import("./eject.ts")).ejectCommand(),
  graph: async () => (await import("./graph.ts")).graphCommand(),
  up: async () => (await import("./up.ts")).upCommand(),
  status: async () => (await import("./status.ts")).statusCommand(),
  shift: async () => (await import("./shift.ts")).shiftCommand(),
  release: async () => (await import("./release.ts")).releaseCommand(),
  dns: async () => (await import("./dns.ts")).dnsCommand(),
  down: async () => (await import("./down.ts")).downCommand(),
  secret: async () => (await import("./secret.ts")).secretCommand(),
  doctor: async () => (await import("./doctor.ts")).doctorCommand(),
  migrate: async () => (await import("./migrate.ts")).migrateCommand(),
  completion: async () => (await import("./completion.ts")).completionCommand(program),
};
const asked = loaders[process.argv[2] ?? ""];
const needed = asked && process.argv[2] !== "completion" ? [asked] : Object.values(loaders);
for (const load of needed) program.addCommand(inherit(await load()));

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
  if (error.code === "commander.help" && !wantsJson) return 2;
  const [what = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const help = asked
    ? `\`landfall ${process.argv[2]} --help\` says how`
    : "`landfall --help` lists the commands";
  const fix = rest.join(" ").replace(/[()]/g, "").trim() || help;
  return reportFailure(wantsJson, failure("LF9001", { what, fix }));
}
