import type { Command } from "commander";
import { failure } from "../util/errors.ts";

/** What every command on releases takes. */
export interface ReleaseOptions {
  dir: string;
  json?: boolean;
  by?: string;
}

/** Where the declaration is, and JSON. */
export function withPlace(command: Command, json = "one JSON document on stdout"): Command {
  return command.option("-C, --dir <path>", "the declaration or its folder", ".").option("--json", json);
}

/** Who gives a command that goes into the release's log. */
export function withAsker(command: Command, json?: string): Command {
  return withPlace(command.option("--by <email>", "who asks (default: Git's user.email)"), json);
}

/** How programs follow what goes on for long. */
export const eventsText = "NDJSON on stdout: an event for each change, the result last";

/** `-C` again for the next command; the folder one is in needs none. */
export function inDir(dir: string): string {
  return dir === "." ? "" : ` -C ${dir}`;
}

/** The error that tells how a release ended, for its exit code. */
export function endedBadly(
  { id, title, phase, reason }: { id: string; title: string; phase: string; reason?: string | undefined },
  words: string,
) {
  const acknowledge = phase === "rolledBack" || phase === "halted";
  return failure("LF4041", {
    what: `${title} was ${words}`,
    ...(reason && { why: reason }),
    fix: acknowledge
      ? `landfall release history ${id} has the evidence; then landfall release acknowledge ${id} (with --restore the declaration says again what runs), and start the next one`
      : `landfall release history ${id} has the whole story`,
  });
}
