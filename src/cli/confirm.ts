import { failure } from "../util/errors.ts";

/** Ask before a destructive act. Without a terminal nothing is asked: `--yes` says it. Throws LF9001 or LF9003. */
export async function confirm(question: string, options: { yes: boolean; json: boolean }): Promise<void> {
  if (options.yes) return;
  if (options.json || !process.stdin.isTTY || !process.stderr.isTTY) {
    throw failure("LF9001", {
      what: "this removes data and needs --yes",
      why: "there is no terminal to ask on",
      fix: "add --yes",
    });
  }
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({ message: question, initialValue: false, output: process.stderr });
  if (answer !== true) throw failure("LF9003", { what: "nothing was done" });
}
