import { shown } from "../../model/shown.ts";
import { type Problem, problem } from "../../util/errors.ts";
import { writeAll } from "../../util/write-all.ts";
import { newTexts } from "../bulk/apply.ts";
import { commitAt, commitFiles, refuseUncommitted, workTreeOf } from "../bulk/commit.ts";
import { commitMessage } from "../bulk/message.ts";
import type { Wanted } from "./wanted.ts";

export interface Written {
  /** Absolute paths of the files that were written. */
  files: string[];
  /** The declaration's commit; undefined where it is in no Git work tree. */
  source: string | undefined;
}

/** Refuse to mix the values with changes that nobody has committed. Throws LF3009. */
export async function refuseMixed({ declaration, texts }: Wanted, commit: boolean): Promise<void> {
  const tree = commit ? await workTreeOf(declaration.dir) : undefined;
  if (tree !== undefined)
    await refuseUncommitted(
      tree,
      newTexts(texts).map(({ path }) => path),
    );
}

/** Write the data files, all or none, and commit exactly these, so that the declaration says what is released. */
export async function writeWanted(
  { declaration, texts, edits }: Wanted,
  { commit = true, where = "" }: { commit?: boolean; where?: string | undefined },
  title: string,
): Promise<Written> {
  const files = newTexts(texts);
  const tree = await workTreeOf(declaration.dir);
  const paths = files.map(({ path }) => path);
  if (files.length === 0) return { files: [], source: tree && (await commitAt(tree)) };
  const restore = writeAll(files);
  try {
    if (tree === undefined || !commit) return { files: paths, source: undefined };
    const message = commitMessage(`release ${title}`, where, edits);
    return { files: paths, source: await commitFiles(tree, paths, message) };
  } catch (error) {
    restore();
    throw error;
  }
}

/** Values that clusters do not get, since something later in the declaration says otherwise. */
export function overruled({ kept }: Pick<Wanted, "kept">): Problem[] {
  return kept.map(({ app, path, clusters, by }) => ({
    ...problem("LF1019", {
      what: `${app}: ${path} stays as it is on ${clusters.join(", ")}`,
      why: `${shown(by)} says otherwise, and applies later`,
      fix: "change it there",
    }),
    severity: "warning",
  }));
}
