import { git } from "../../emit/git/run.ts";
import type { Release } from "../../release/index.ts";
import type { Late } from "./late.ts";
import { releasePath } from "./moves.ts";
import type { ReleaseFleet } from "./store.ts";

/** A release with the commit of each of its steps. */
export interface History {
  release: Release;
  /** Step → commit. A release that somebody wrote by hand has none. */
  commits: Readonly<Record<number, string>>;
  /** Clusters that were away at its end, and how they are since. */
  late?: readonly Late[];
}

/** The commits that wrote a release, by the step their trailers name. */
export async function historyOf({ repo, branch }: ReleaseFleet, release: Release): Promise<History> {
  const format = "--format=%H %(trailers:key=Landfall-Step,valueonly,separator=%x2C)";
  const args = ["log", format, `refs/heads/${branch}`, "--", releasePath(release.id)];
  const { stdout } = await git(repo, args);
  const commits: Record<number, string> = {};
  for (const line of stdout.toString("utf8").split("\n")) {
    const [commit = "", step = ""] = line.trim().split(" ");
    if (/^\d+$/.test(step)) commits[Number(step)] ??= commit;
  }
  return { release, commits };
}
