import { basename, dirname } from "node:path";
import { git } from "../emit/git/run.ts";
import { shown } from "../model/shown.ts";
import type { ChangedFile } from "./rewrite.ts";

/** Of some files those that Git would not give back as they are: changed since the last commit, or in no repository. */
export async function uncommitted(paths: readonly string[]): Promise<string[]> {
  const states = await Promise.all(
    paths.map((path) =>
      git(dirname(path), ["status", "--porcelain=v1", "--ignored", "--", basename(path)], { accept: [128] }),
    ),
  );
  return paths.filter((_, i) => states[i]?.exitCode !== 0 || states[i]?.stdout.length !== 0);
}

/** What changes in a file that is still as it was, as `git diff` shows it. */
export async function diffOf({ path, text: after }: ChangedFile): Promise<string> {
  const args = ["diff", "--no-index", "--no-color", "--", basename(path), "-"];
  const { stdout } = await git(dirname(path), args, { input: after, accept: [1] });
  const diff = stdout.toString("utf8");
  return `--- ${shown(path)}\n+++ ${shown(path)}\n${diff.slice(diff.indexOf("@@"))}`;
}
