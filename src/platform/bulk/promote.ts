import type { AppSpec } from "../../model/app.ts";
import { loadDeclaration } from "../../model/load.ts";
import type { Company } from "../../model/parse.ts";
import { counted } from "../../util/counted.ts";
import { failure, LandfallError, problem } from "../../util/errors.ts";
import { canonicalJson } from "../../util/hash.ts";
import { type Applied, type ApplyOptions, applyChange } from "./apply.ts";
import type { Edit, ValueChange } from "./edits.ts";
import { commitMessage } from "./message.ts";
import { composePatches, leavesOf, patchBetween, valueAt } from "./patches.ts";
import { companyOf } from "./proof.ts";
import { isNewer } from "./versions.ts";
import { type Selection, selector } from "./where.ts";
import type { Patch } from "./wishes.ts";

/** What can be promoted beside the image, and where it stands in an app. */
const aspects = { env: "env", config: "config", replicas: "scale" } as const;
export type Aspect = keyof typeof aspects;
export const aspectNames = Object.keys(aspects) as Aspect[];

export interface PromoteOptions extends ApplyOptions {
  from: string;
  to: string;
  where?: string;
  /** More than the image. */
  with?: Aspect[];
  /** Promote also where the target has a newer version. */
  older?: boolean;
}

export interface PromoteResult extends Applied {
  apps: number;
  edits: Edit[];
  /** Apps that run the same in both. */
  same: string[];
  /** Apps of which the target runs a newer version. */
  ahead: { app: string; from: string; to: string }[];
  /** Apps that nothing is promoted of, with the reason. */
  without: { app: string; reason: string }[];
}

type Found = { edit: Edit } | { same: true } | { ahead: { from: string; to: string } } | { without: string };

/** Let an environment run what another one runs. Throws with nothing changed. */
export async function promote(path: string, options: PromoteOptions): Promise<PromoteResult> {
  const { from, to, where = "" } = options;
  if (from === to) throw failure("LF9001", { what: `${from} is both ends`, fix: "name two environments" });
  const declaration = await loadDeclaration(path);
  const company = companyOf(declaration);
  if (/(^|,)\s*(env|environment|cluster)=/.test(where))
    throw failure("LF9001", {
      what: `${where} names clusters`,
      fix: "select apps alone; the environments are named already",
    });
  const select = selector(company);
  const [source, target] = [select(inEnvironment(where, from)), select(inEnvironment(where, to))];
  refuseAbsent(where, source, target, to);
  const placedThere = new Set(target.apps);
  const result: PromoteResult = { apps: 0, edits: [], same: [], ahead: [], without: [], files: [], kept: [] };
  for (const app of source.apps) {
    const found = placedThere.has(app)
      ? compare(company, app, [source, target], options)
      : { without: `it does not run in ${to}` };
    if ("edit" in found) result.edits.push(found.edit);
    else if ("same" in found) result.same.push(app);
    else if ("ahead" in found) result.ahead.push({ app, ...found.ahead });
    else result.without.push({ app, reason: found.without });
  }
  const title = `promote ${counted(result.edits.length, "app")} from ${from} to ${to}`;
  const applied = await applyChange(
    {
      declaration,
      company,
      edits: result.edits,
      clustersOf: ({ app, scope }) => target.clustersOf(app, scope),
      message: commitMessage(title, where, result.edits),
    },
    { ...options, inPlace: false },
  );
  return { ...result, ...applied, apps: result.edits.length };
}

function inEnvironment(where: string, environment: string): string {
  return [where, `env=${environment}`].filter(Boolean).join(",");
}

/** An app that was named must be in both; of many, those that are not are left out and told. */
function refuseAbsent(where: string, source: Selection, target: Selection, to: string): void {
  const [app] = source.apps;
  if (!/(^|,)\s*app=/.test(where) || source.apps.every((name) => target.apps.includes(name))) return;
  throw new LandfallError([
    problem("LF1018", {
      what: `${app} does not run in ${to}`,
      fix: `place it on a cluster of ${to} first`,
    }),
  ]);
}

function compare(
  company: Company,
  app: string,
  [source, target]: [Selection, Selection],
  { to, older, with: more = [] }: PromoteOptions,
): Found {
  const [spec, ...others] = views(company, app, source);
  const [scope] = target.scopes;
  if (!spec || !scope) return { without: `it does not run in ${to}` };
  const keys = [...(spec.source ? [] : ["image" as const]), ...more.map((aspect) => aspects[aspect])];
  if (keys.length === 0) return { without: "it is built from source" };
  const mixed = keys.find((key) => others.some((other) => !alike(spec[key], other[key])));
  if (mixed) return { without: `its clusters differ in ${mixed}; set it by hand` };
  const after = views(company, app, target);
  const ahead = older ? undefined : newerImage(spec, after);
  if (ahead) return { ahead };
  const patch = patchFor(spec, after, keys);
  if (Object.keys(patch).length === 0) return { same: true };
  const values = leavesOf(patch).map(({ path, value }) => changeOf(after, path, value));
  return { edit: { app, scope, patch, values } };
}

function newerImage({ image: from }: AppSpec, after: AppSpec[]): { from: string; to: string } | undefined {
  const to = after.find(({ image }) => image && from && isNewer(image, from))?.image;
  return from && to ? { from, to } : undefined;
}

function views(company: Company, app: string, selection: Selection): AppSpec[] {
  const clusters = selection.scopes.flatMap((scope) => selection.clustersOf(app, scope));
  return [...new Set(clusters.map((cluster) => company.appOn(app, cluster)))];
}

const alike = (a: unknown, b: unknown) => canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** What makes every cluster of the target like the source. */
function patchFor(spec: AppSpec, after: AppSpec[], keys: readonly (keyof AppSpec)[]): Patch {
  const patch: Patch = {};
  for (const key of keys) {
    for (const view of after) {
      const difference = patchBetween(view[key], spec[key]);
      if (difference === undefined) continue;
      patch[key] = composePatches(patch[key], difference);
    }
  }
  return patch;
}

function changeOf(after: AppSpec[], path: string[], value: unknown): ValueChange {
  const from = new Map(
    after.flatMap((view) => {
      const now = valueAt(view, path);
      return now === undefined ? [] : [[canonicalJson(now), now] as const];
    }),
  );
  return { path: path.join("."), from: [...from.values()], to: value ?? null };
}
