import { readFileSync } from "node:fs";
import { writeFileAtomic } from "../../util/files.ts";

/** What a cluster was given last, kept in its folder as `published.json` for `landfall status`. */
export interface Published {
  /** The commit whose artifacts the cluster has, all of them; null before the first. */
  commit: string | null;
  /** ISO time at which that was reached. */
  at: string | null;
  /** Revision of each artifact by name. */
  artifacts: Record<string, string>;
  /** Port of the artifact server, kept over restarts so that URLs on the cluster stay right. */
  port?: number;
  /** Why the head of the fleet repo is not published, when it is not. */
  error?: { commit: string | null; at: string; text: string };
}

export const nothingPublished: Published = { commit: null, at: null, artifacts: {} };

/** Read `published.json`; empty when nothing was published yet or the file is damaged. */
export function readPublished(path: string): Published {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as Partial<Published>;
    return { ...nothingPublished, ...value };
  } catch {
    return nothingPublished;
  }
}

/** Write `published.json` so that a reader sees the old or the new one. */
export function writePublished(path: string, published: Published): void {
  writeFileAtomic(path, `${JSON.stringify(published, undefined, 2)}\n`);
}
