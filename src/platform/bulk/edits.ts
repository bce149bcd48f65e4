import type { AppSpec } from "../../model/app.ts";
import type { Company } from "../../model/parse.ts";
import { failure, LandfallError, type Problem, problem } from "../../util/errors.ts";
import { canonicalJson } from "../../util/hash.ts";
import { composePatches, isDone, leavesOf, valueAt } from "./patches.ts";
import type { Scope, Selection } from "./where.ts";
import type { Answer, Patch, Wish } from "./wishes.ts";

/** A value of an app that changes on the clusters of a scope. */
export interface ValueChange {
  path: string;
  /** What was there: several values where clusters differed. Nothing where there was none. */
  from: unknown[];
  /** `null` where it is removed. */
  to: unknown;
}

/** What changes of one app in one data file. */
export interface Edit {
  app: string;
  scope: Scope;
  patch: Patch;
  values: ValueChange[];
}

/** What a command is to do, and what it need not or cannot do. */
export interface Edits {
  edits: Edit[];
  /** Apps that have every value already. */
  same: string[];
  /** Apps that the wish does not apply to, with the reason. */
  without: { app: string; reason: string }[];
}

/**
 * What the wishes change of the selected apps. Throws LF1019 with every app that cannot have them, and when none can.
 */
export function editsFor(company: Company, wishes: Wish[], selections: Map<Wish, Selection>): Edits {
  const edits = new Map<string, Edit>();
  const touched = new Set<string>();
  const without = new Map<string, string>();
  const refused: Problem[] = [];
  const take = (wish: Wish, app: string, scope: Scope, clusters: string[]) => {
    const views = viewsIn(company, app, clusters, scope);
    const answer = oneAnswer(views.map((spec) => wish.on(spec)));
    if ("refused" in answer) refused.push(refusal(app, wish.title, answer.refused, scope));
    else if ("without" in answer) without.set(app, answer.without);
    else {
      touched.add(app);
      addEdit(edits, app, scope, answer.patch, views);
    }
  };
  for (const wish of wishes) {
    const { apps, scopes, clustersOf } = selections.get(wish) as Selection;
    for (const app of apps) {
      const here = scopes.map((scope) => ({ scope, clusters: clustersOf(app, scope) }));
      for (const { scope, clusters } of here)
        if (clusters.length > 0 || isEverywhere(scope)) take(wish, app, scope, clusters);
    }
  }
  if (refused.length > 0) throw new LandfallError(refused);
  if (touched.size === 0 && without.size > 0) throw noneCan(without);
  const changed = [...edits.values()].filter(({ values }) => values.length > 0);
  const changing = new Set(changed.map(({ app }) => app));
  return {
    edits: changed,
    same: [...touched].filter((app) => !changing.has(app)).sort(),
    without: [...without].filter(([app]) => !touched.has(app)).map(([app, reason]) => ({ app, reason })),
  };
}

const isEverywhere = ({ where }: Scope) => !where.cluster && !where.labels;

/** An app as the clusters of a scope see it, each view once; as it is declared where it has no cluster yet. */
function viewsIn(company: Company, app: string, clusters: string[], scope: Scope): AppSpec[] {
  if (clusters.length === 0 && isEverywhere(scope)) return [company.appOn(app, undefined)];
  return [...new Set(clusters.map((cluster) => company.appOn(app, cluster)))];
}

/** What all clusters can have alike. */
function oneAnswer(answers: Answer[]): Answer {
  const refused = answers.find((answer) => "refused" in answer);
  const patches = answers.filter((answer) => "patch" in answer);
  const distinct = new Set(patches.map(({ patch }) => canonicalJson(patch)));
  if (refused) return refused;
  if (distinct.size > 1)
    return { refused: "its clusters have different images; name one environment or cluster" };
  return patches[0] ?? (answers[0] as Answer);
}

function refusal(app: string, title: string, why: string, scope: Scope): Problem {
  return problem("LF1019", {
    what: `${app} cannot have ${title}`,
    why,
    fix: "leave it out by `--where`, or change it where it is declared",
    where: { file: scope.file },
  });
}

function noneCan(without: Map<string, string>) {
  const [[app, reason] = ["", ""]] = without;
  return failure("LF1019", {
    what: without.size === 1 ? `${app} cannot have this` : `none of ${without.size} apps can have this`,
    why: without.size === 1 ? reason : `${app}: ${reason}`,
    fix: "select other apps, or declare it for them first",
  });
}

function addEdit(edits: Map<string, Edit>, app: string, scope: Scope, patch: Patch, views: object[]): void {
  const key = `${scope.file} ${app}`;
  const edit = edits.get(key) ?? { app, scope, patch: {}, values: [] };
  edits.set(key, edit);
  for (const { path, value } of leavesOf(patch)) {
    const current = views.map((view) => valueAt(view, path));
    if (current.every((now) => isDone(path, now, value))) continue;
    const leaf = path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
    edit.patch = composePatches(edit.patch, leaf) as Patch;
    const from = new Map(current.filter((now) => now !== undefined).map((now) => [canonicalJson(now), now]));
    edit.values.push({ path: path.join("."), from: [...from.values()], to: value ?? null });
  }
}
