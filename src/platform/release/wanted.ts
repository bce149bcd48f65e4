/** The declaration as a release wants it: a version, or any other values, set for some apps in the data files. */
import { join } from "node:path";
import type { Declaration } from "../../model/declaration.ts";
import type { Company } from "../../model/parse.ts";
import type { ChangedValue } from "../../release/index.ts";
import { didYouMean } from "../../util/did-you-mean.ts";
import { failure } from "../../util/errors.ts";
import { canonicalJson } from "../../util/hash.ts";
import { requireName } from "../../util/known-name.ts";
import { withEdits } from "../bulk/data-files.ts";
import { type Edit, editsFor } from "../bulk/edits.ts";
import { leavesOf, valueAt } from "../bulk/patches.ts";
import { companyOf, editedCompany, type Kept, keptValues } from "../bulk/proof.ts";
import { type Selection, selector } from "../bulk/where.ts";
import { type Patch, readWishes, type Wish } from "../bulk/wishes.ts";
import { valuesBetween, without } from "./data-changes.ts";

export interface Wanted {
  /** With the values set. */
  declaration: Declaration;
  company: Company;
  edits: Edit[];
  /** What that changes in the data files. */
  changed: ChangedValue[];
  /** The data files that change, with their new texts. */
  texts: ReadonlyMap<string, string>;
  /** Values that something later in the declaration overrules. */
  kept: Kept[];
}

export interface WantedValues {
  /** The apps it is for; none means what is declared, as it is. */
  apps: readonly string[];
  /** A name of the app's `versions`, or a version of its image. */
  version?: string | undefined;
  /** Values of the apps instead of a version. */
  patch?: Patch | undefined;
  /** On which clusters, as `landfall set --where` takes it. */
  where?: string | undefined;
}

/** What the declaration is with a release's values. Throws LF1005, LF1019, LF4032, and whatever is wrong with it. */
export function wantedBy(
  declaration: Declaration,
  { apps, version, patch, where = "" }: WantedValues,
): Wanted {
  const company = companyOf(declaration);
  if (apps.length === 0 && (version !== undefined || patch !== undefined))
    throw failure("LF9001", {
      what: "it is not said which apps get these values",
      fix: `name them: landfall release start <app> --version ${version ?? "<version>"}`,
    });
  for (const app of apps) requireName("LF1005", "app", app, Object.keys(company.spec.apps));
  const wishes = apps.flatMap((app): Wish[] => {
    if (patch) return [{ app, title: JSON.stringify(patch), on: () => ({ patch }) }];
    return version === undefined ? [] : [versionWish(company, app, version)];
  });
  if (wishes.length === 0)
    return { declaration, company, edits: [], changed: [], texts: new Map(), kept: [] };
  const select = selector(company);
  const selections = new Map(
    wishes.map((wish) => [wish, select([where, `app=${wish.app}`].filter(Boolean).join(","))]),
  );
  const base =
    version === undefined ? { declaration, edits: [] } : withoutOthers(company, version, selections);
  const before = base.edits.length > 0 ? companyOf(base.declaration) : company;
  const { edits } = editsFor(before, wishes, selections);
  const all = [...base.edits, ...edits];
  const next = withEdits(base.declaration, all);
  const edited = all.length > 0 ? editedCompany(before, next.declaration, all) : before;
  const clustersOf = ({ app, scope }: Edit) =>
    [...selections].find(([wish]) => wish.app === app)?.[1].clustersOf(app, scope) ?? [];
  const changed = valuesBetween(declaration, next.declaration, all);
  return { ...next, company: edited, edits, changed, kept: keptValues(edited, edits, clustersOf) };
}

/**
 * The declaration without what other versions of the apps set in the same data files, so that what is declared holds
 * again; the edits set nothing, they name the files.
 */
function withoutOthers(
  { spec, declaration }: Company,
  version: string,
  selections: ReadonlyMap<Wish, Selection>,
): { declaration: Declaration; edits: Edit[] } {
  const edits: Edit[] = [];
  const scopes = [...selections].flatMap(([{ app = "" }, { scopes: own }]) =>
    own.map((scope) => ({ app, scope })),
  );
  const data = declaration.data.map((file) => {
    const apps = { ...file.apps };
    for (const { app, scope } of scopes) {
      const [patch, others] = [apps[app], Object.entries(spec.apps[app]?.versions ?? {})];
      if (patch === undefined || join(declaration.dir, scope.file) !== file.file) continue;
      const set = others.filter(([name]) => name !== version).flatMap(([, other]) => leavesOf(other));
      const mine = set.filter(
        ({ path, value }) => canonicalJson(valueAt(patch, path) ?? null) === canonicalJson(value),
      );
      if (mine.length === 0) continue;
      apps[app] = mine.reduce<Patch>((left, { path }) => without(left, path), patch);
      edits.push({ app, scope, patch: {}, values: [] });
    }
    return { ...file, apps };
  });
  return { declaration: { ...declaration, data }, edits };
}

/** One of the versions an app declares, else a version of its image. */
function versionWish(company: Company, app: string, version: string): Wish {
  const { versions, image, source } = company.appOn(app, undefined);
  const named = versions[version];
  if (named) return { app, title: `version ${version}`, on: () => ({ patch: named }) };
  const isBuilt = image === undefined || source !== undefined;
  const isMistyped = !/\d/.test(version) && didYouMean(version, Object.keys(versions)) !== undefined;
  if (isBuilt || isMistyped) throw noSuchVersion(app, version, { versions: Object.keys(versions), isBuilt });
  const [wish] = readWishes("version", [version]);
  return { ...(wish as Wish), app };
}

function noSuchVersion(
  app: string,
  version: string,
  { versions, isBuilt }: { versions: string[]; isBuilt: boolean },
) {
  const near = didYouMean(version, versions);
  const there = versions.length > 0 ? `its versions are ${versions.join(", ")}` : "it declares no versions";
  return failure("LF4032", {
    what: `${app} has no version ${version}`,
    why: isBuilt ? `it is built from source, so a version is a name under its \`versions\`; ${there}` : there,
    fix: near
      ? `did you mean ${near}?`
      : `release the source as it is with \`landfall release start ${app}\`, or declare versions: { ${version}: { … } }`,
  });
}
