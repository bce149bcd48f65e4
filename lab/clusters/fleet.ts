import { git } from "../../src/emit/git/run.ts";
import { releasesAt } from "../../src/platform/release/store.ts";
import type { Release } from "../../src/release/index.ts";

/** A step of a release as the fleet repo's history has it. */
export interface Commit {
  id: string;
  release: string;
  action: string;
  step: number;
}

/** The releases of the head, in the order they were started. */
export async function releasesOf(repo: string): Promise<Release[]> {
  const { stdout } = await git(repo, ["rev-parse", "main"]);
  return releasesAt(repo, stdout.toString("utf8").trim());
}

/** Every step that was committed, the oldest first. */
export async function stepsOf(repo: string, release: string): Promise<Commit[]> {
  const trailer = (name: string) => `%(trailers:key=Landfall-${name},valueonly,separator=)`;
  const format = `--format=%H%x00${trailer("Release")}%x00${trailer("Action")}%x00${trailer("Step")}`;
  const { stdout } = await git(repo, ["log", "--reverse", format, "main"]);
  return stdout
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("\0"))
    .map(([id = "", of = "", action = "", step = ""]) => ({ id, release: of, action, step: Number(step) }))
    .filter((commit) => commit.release === release);
}
