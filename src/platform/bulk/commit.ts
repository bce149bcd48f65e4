import { realpathSync } from "node:fs";
import { dirname, relative } from "node:path";
import { execa } from "execa";
import { failure } from "../../util/errors.ts";

/**
 * The declaration's repository is its owner's: unlike the fleet's, git runs in it as they have set it up, with their
 * name, hooks and signing.
 */
async function git(dir: string, args: string[], input?: string) {
  const run = await execa("git", ["-C", dir, ...args], {
    reject: false,
    maxBuffer: 2 ** 30,
    env: { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", ...elsewhere },
    ...(input === undefined ? { stdin: "ignore" as const } : { input }),
  });
  return { ...run, failed: run.exitCode !== 0 };
}

/** What a hook of another repository would let git work on. */
const elsewhere = Object.fromEntries(
  ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"].map((name) => [
    name,
    undefined,
  ]),
);

/** The work tree a folder is in; undefined where it is in none, or git is not there. */
export async function workTreeOf(dir: string): Promise<string | undefined> {
  const { failed, stdout } = await git(dir, ["rev-parse", "--show-toplevel"]);
  return failed || stdout === "" ? undefined : stdout;
}

/** The commit a work tree is at; undefined where there is none yet. */
export async function commitAt(tree: string): Promise<string | undefined> {
  const { failed, stdout } = await git(tree, ["rev-parse", "--verify", "--quiet", "HEAD"]);
  return failed ? undefined : stdout;
}

/** Paths are given by stdin, each ended by a NUL: there may be thousands. */
const fromStdin = ["--pathspec-from-file=-", "--pathspec-file-nul"];

function pathsIn(tree: string, files: string[]): string {
  // Git knows the work tree by its real path, and takes names as they are, not as patterns.
  return files.map((file) => `:(literal)${relative(tree, realDirOf(file))}`).join("\0");
}

function realDirOf(file: string): string {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    try {
      return `${realpathSync(dir)}${file.slice(dir.length)}`;
    } catch {
      if (dir === dirname(dir)) return file;
    }
  }
}

/** Refuse to touch files that hold changes nobody has committed. Throws LF3009, or LF3002. */
export async function refuseUncommitted(tree: string, files: string[]): Promise<void> {
  const found = await git(tree, ["status", "--porcelain=v1", "-z", "--untracked-files=all"]);
  if (found.failed) throw gitFailed("status", found.stderr);
  const dirty = new Set(found.stdout.split("\0").map((entry) => entry.slice(3)));
  const mixed = files.map((file) => relative(tree, realDirOf(file))).filter((path) => dirty.has(path));
  if (mixed.length === 0) return;
  const [first, ...rest] = mixed;
  throw failure("LF3009", {
    what: `${first}${rest.length > 0 ? ` and ${rest.length} more` : ""} has changes that are not committed`,
    why: "one commit would hold them and this change",
    fix: "commit them first, or add --no-commit",
    where: { file: first ?? "" },
  });
}

/** Commit exactly these files, whatever else is staged. Returns the commit. Throws LF3002. */
export async function commitFiles(tree: string, files: string[], message: string): Promise<string> {
  const paths = pathsIn(tree, files);
  const added = await git(tree, ["add", "--intent-to-add", ...fromStdin], paths);
  if (added.failed) throw gitFailed("add", added.stderr);
  const made = await git(tree, ["commit", "--quiet", "--only", "-m", message, ...fromStdin], paths);
  if (made.failed) {
    await git(tree, ["reset", "--quiet", ...fromStdin], paths);
    throw gitFailed("commit", made.stderr || made.stdout);
  }
  const { stdout } = await git(tree, ["rev-parse", "HEAD"]);
  return stdout;
}

function gitFailed(verb: string, why: string) {
  const fix = /tell me who you are|user\.email|ident/i.test(why)
    ? 'tell Git who you are: git config --global user.email "you@example.com"'
    : "read git's message above; nothing was changed";
  return failure("LF3002", { what: `git ${verb} failed`, why: why.split("\n").slice(0, 12).join("\n"), fix });
}
