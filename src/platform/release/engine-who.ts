import { execa } from "execa";
import type { Identity } from "../../emit/git/import-commit.ts";
import { failure } from "../../util/errors.ts";

/** Where pipelines say who started them, most telling first. */
const pipelines = ["GITLAB_USER_EMAIL", "GITHUB_ACTOR"];

/**
 * Who gives a command: `by`, or who Git says they are in this folder, or in a pipeline whoever started it. What they
 * may say is checked against the release's approvers; that they are who they say is for the fleet repo's Git host to
 * know. Throws LF9001 when nobody is named.
 */
export async function whoAsks(dir: string, by: string | undefined): Promise<Identity> {
  if (by !== undefined) return { name: by, email: by };
  const [email, name] = await Promise.all(["user.email", "user.name"].map((key) => configOf(dir, key)));
  if (email) return { name: name || email, email };
  const [started] = pipelines.flatMap((key) => process.env[key] ?? []);
  if (started) return { name: started, email: started };
  throw failure("LF9001", {
    what: "it is not known who asks",
    why: "Git has no user.email here, and a release's log says who did what",
    fix: 'add --by you@example.com, or tell Git: git config --global user.email "you@example.com"',
  });
}

/** The engine signs what it decides by itself. */
export const engineIdentity: Identity = { name: "landfall", email: "landfall@localhost" };

async function configOf(dir: string, key: string): Promise<string> {
  const { stdout } = await execa("git", ["config", "--get", key], { cwd: dir, reject: false });
  return (stdout ?? "").trim();
}
