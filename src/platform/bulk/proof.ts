import { checkReferences } from "../../compile/references.ts";
import type { Declaration } from "../../model/declaration.ts";
import { touches } from "../../model/layers.ts";
import { type Company, parseCompany } from "../../model/parse.ts";
import { shown } from "../../model/shown.ts";
import { LandfallError, throwProblems } from "../../util/errors.ts";
import type { Edit } from "./edits.ts";
import { isDone, leavesOf, valueAt } from "./patches.ts";

/** A value that an edit does not reach, because something that applies later says otherwise. */
export interface Kept {
  app: string;
  path: string;
  clusters: string[];
  /** What says otherwise. */
  by: string;
}

/** The company a declaration is. Throws with all its problems of form; nothing is changed on a ground that is wrong. */
export function companyOf(declaration: Declaration): Company {
  const { company, problems } = parseCompany(declaration);
  throwProblems(problems);
  if (!company) throw new LandfallError(problems);
  return company;
}

/**
 * The company with edits in its data files, proven: their form, and every name that refers to another. Data files
 * change views of apps and nothing else, so only the edited apps are read again. Throws with all problems.
 */
export function editedCompany(company: Company, declaration: Declaration, edits: Edit[]): Company {
  const edited = new Set(edits.map(({ app }) => app));
  const some = <T>(apps: Record<string, T>) =>
    Object.fromEntries(Object.entries(apps).filter(([name]) => edited.has(name)));
  const part = companyOf({
    ...declaration,
    tree: { ...declaration.tree, apps: some(declaration.tree.apps as Record<string, unknown>) },
    data: declaration.data.map((file) => ({ ...file, apps: some(file.apps) })),
  });
  const ofApp = (app: string) => (edited.has(app) ? part : company);
  const whole: Company = {
    ...company,
    declaration,
    appOn: (app, cluster) => ofApp(app).appOn(app, cluster),
    viewsOf: (app) => ofApp(app).viewsOf(app),
    layersOf: (app, cluster) => ofApp(app).layersOf(app, cluster),
    placeOn: (app, cluster, path) => ofApp(app).placeOn(app, cluster, path),
  };
  throwProblems(checkReferences(whole));
  return whole;
}

/** Where a cluster of an edit does not get its values. */
export function keptValues(company: Company, edits: Edit[], clustersOf: (edit: Edit) => string[]): Kept[] {
  return edits.flatMap((edit) => {
    const leaves = leavesOf(edit.patch);
    const clusters = Map.groupBy(clustersOf(edit), (cluster) => company.appOn(edit.app, cluster));
    return leaves.flatMap(({ path, value }) =>
      [...clusters]
        .filter(([spec]) => !isDone(path, valueAt(spec, path), value))
        .map(([, names]) => {
          const last = company.layersOf(edit.app, names[0]).findLast(({ patch }) => touches(patch, path));
          return { app: edit.app, path: path.join("."), clusters: names, by: shown(last?.title ?? "") };
        }),
    );
  });
}
