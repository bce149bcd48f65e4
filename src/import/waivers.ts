import { unknownKind } from "../compile/policies/forms.ts";
import { judgeBundle } from "../compile/policies/judge.ts";
import type { AppSpec, AppSpecInput } from "../model/app.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { validateObject } from "../schema/validate.ts";
import { renderTree, type Tree } from "./assemble.ts";

type Waiver = AppSpec["waive"][number];

const days = 90;

/** The last day of a waiver that an import writes on a day (`2026-11-21`): 90 days later. */
export function waivedUntil(today: string): string {
  const end = new Date(`${today}T00:00:00Z`);
  end.setUTCDate(end.getUTCDate() + days);
  return end.toISOString().slice(0, 10);
}

/** Waive, until 90 days after `today`, what the apps of a tree break. */
export function waiveBroken(tree: Tree, today: string): void {
  const rendered = renderTree(tree);
  const all = [...rendered.values()].flatMap(({ objects }) => objects);
  for (const [name, { objects }] of rendered) {
    const waivers = waiversOf({ name, objects }, all, waivedUntil(today));
    if (waivers.length > 0) tree.apps[name] = { ...(tree.apps[name] as AppSpecInput), waive: waivers };
  }
}

/** One waiver for each rule that an app's objects break, with what breaks it. `all` are the objects of every app. */
function waiversOf(
  app: { name: string; objects: KubernetesObject[] },
  all: KubernetesObject[],
  until: string,
): Waiver[] {
  const issues = new Map(
    app.objects.map((object) => [object, validateObject(object, { kubernetes: "1.36" })]),
  );
  const unsound = new Set(app.objects.filter((object) => (issues.get(object)?.length ?? 0) > 0));
  const unknown = app.objects.filter((o) => issues.get(o)?.some(({ keyword }) => keyword === unknownKind));
  const bundle = { kind: "app" as const, owner: app.name, objects: app.objects };
  const findings = judgeBundle(bundle, { domain: "localhost", objects: () => all, unsound });
  const broken = Map.groupBy(
    findings.filter(({ policy }) => policy.severity !== "info"),
    ({ policy }) => policy.id,
  );
  const kinds = [...new Set(unknown.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))].join(", ");
  const unchecked = { rule: unknownKind, reason: `imported as it was: nothing here defines ${kinds}`, until };
  const waivers = [...broken].map(([rule, [first, ...more]]) => {
    const others = more.length > 0 ? ` (and ${more.length} more)` : "";
    return { rule, reason: `imported as it was: ${first?.object.kind}, ${first?.says}${others}`, until };
  });
  return kinds === "" ? waivers : [...waivers, unchecked];
}
