import type { Declaration } from "../../model/declaration.ts";
import { loadDeclaration } from "../../model/load.ts";
import type { Company } from "../../model/parse.ts";
import { shown } from "../../model/shown.ts";
import { failure } from "../../util/errors.ts";
import { readIfThere } from "../../util/files.ts";
import { type NewText, writeAll } from "../../util/write-all.ts";
import { planDeclaration } from "../plan.ts";
import type { FleetPlan } from "../plan-file.ts";
import { commitFiles, refuseUncommitted, workTreeOf } from "./commit.ts";
import { withEdits } from "./data-files.ts";
import type { Edit } from "./edits.ts";
import { sourcesWith } from "./in-place.ts";
import { isDone, leavesOf, valueAt } from "./patches.ts";
import { companyOf, editedCompany, type Kept, keptValues } from "./proof.ts";

export interface ApplyOptions {
  /** Write nothing. */
  dryRun?: boolean;
  /** Commit the files where the declaration is in a Git work tree. @default true */
  commit?: boolean;
  /** Compile it and compare with the fleet repo's head. @default true */
  plan?: boolean;
  /** Write into the sources instead of the data files. */
  inPlace?: boolean;
}

/** A bulk change: what was, what is asked for, and how it is told in a commit. */
export interface BulkChange {
  declaration: Declaration;
  company: Company;
  edits: Edit[];
  clustersOf(edit: Edit): string[];
  /** The commit's message, by the files it changes. */
  message: string;
}

export interface Applied {
  /** Absolute paths of the files that differ. */
  files: string[];
  /** Values that some clusters do not get. */
  kept: Kept[];
  /** Absent where it was not asked for, or the fleet repo has nothing yet to compare with. */
  plan?: FleetPlan;
  /** Why there is no plan although one was asked for. */
  unplanned?: string;
  /** Absent in a dry run, without a Git work tree, and when nothing changed. */
  commit?: string;
  /** Why there is no commit although one was asked for. */
  uncommitted?: string;
}

const unplanned = "the fleet repo has nothing yet to compare with";

/** Prove a change, write its files, all or none, and commit exactly these. Throws with nothing changed. */
export async function applyChange(change: BulkChange, options: ApplyOptions): Promise<Applied> {
  const { declaration, company, edits } = change;
  const { dryRun = false, commit = true } = options;
  if (edits.length === 0) return { files: [], kept: [] };
  const next = withEdits(declaration, edits);
  const proven = editedCompany(company, next.declaration, edits);
  const kept = keptValues(proven, edits, change.clustersOf);
  const texts = options.inPlace ? await sourcesWith(declaration, company, edits) : next.texts;
  const files = newTexts(texts);
  const tree = commit && !dryRun ? await workTreeOf(declaration.dir) : undefined;
  const paths = files.map(({ path }) => path);
  if (tree !== undefined) await refuseUncommitted(tree, paths);
  const plan = options.plan === false ? undefined : await planDeclaration(next.declaration);
  const planned = plan?.base.commit ? { plan } : plan && { unplanned };
  const result: Applied = { files: paths, kept, ...planned };
  if (dryRun || files.length === 0) return result;
  const restore = writeAll(files);
  try {
    if (options.inPlace) await readBack(declaration.file, edits);
    if (tree !== undefined) return { ...result, commit: await commitFiles(tree, paths, change.message) };
  } catch (error) {
    restore();
    throw error;
  }
  return commit ? { ...result, uncommitted: `${shown(declaration.dir)} is in no Git work tree` } : result;
}

/** The texts that differ from what their files hold. */
export function newTexts(texts: ReadonlyMap<string, string>): NewText[] {
  return [...texts]
    .map(([path, text]) => ({ path, text, before: readIfThere(path) }))
    .filter(({ text, before }) => text !== before);
}

/** A source that was edited must give the values that it was edited for. */
async function readBack(file: string, edits: Edit[]): Promise<void> {
  const company = companyOf(await loadDeclaration(file));
  for (const { app, patch } of edits) {
    const spec = company.appOn(app, undefined);
    const wrong = leavesOf(patch).find(({ path, value }) => !isDone(path, valueAt(spec, path), value));
    if (!wrong) continue;
    throw failure("LF1019", {
      what: `${app}: ${wrong.path.join(".")} cannot be changed where it is written`,
      why: "the source gives another value all the same",
      fix: "leave out --in-place: a data file takes the value; nothing was changed",
    });
  }
}
