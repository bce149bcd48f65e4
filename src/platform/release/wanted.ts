/** The declaration as a release wants it: a version, or any other values, set for some apps in the data files. */
import type { Declaration } from "../../model/declaration.ts";
import type { Company } from "../../model/parse.ts";
import { didYouMean } from "../../util/did-you-mean.ts";
import { failure } from "../../util/errors.ts";
import { requireName } from "../../util/known-name.ts";
import { withEdits } from "../bulk/data-files.ts";
import { type Edit, editsFor } from "../bulk/edits.ts";
import { leavesOf, valueAt } from "../bulk/patches.ts";
import { companyOf, editedCompany, type Kept, keptValues } from "../bulk/proof.ts";
import { selector } from "../bulk/where.ts";
import { type Patch, readWishes, type Wish } from "../bulk/wishes.ts";

export interface Wanted {
  /** With the values set. */
  declaration: Declaration;
  company: Company;
  edits: Edit[];
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
  if (wishes.length === 0) return { declaration, company, edits: [], texts: new Map(), kept: [] };
  const select = selector(company);
  const selections = new Map(
    wishes.map((wish) => [wish, select([where, `app=${wish.app}`].filter(Boolean).join(","))]),
  );
  const { edits } = editsFor(company, wishes, selections);
  const next = withEdits(declaration, edits);
  const edited = edits.length > 0 ? editedCompany(company, next.declaration, edits) : company;
  const clustersOf = ({ app, scope }: Edit) =>
    [...selections].find(([wish]) => wish.app === app)?.[1].clustersOf(app, scope) ?? [];
  return { ...next, company: edited, edits, kept: keptValues(edited, edits, clustersOf) };
}

/** One of the versions an app declares, else a version of its image. */
function versionWish(company: Company, app: string, version: string): Wish {
  const { versions, image, source } = company.appOn(app, undefined);
  const named = versions[version];
  if (named) {
    const patch = switchedTo(company, app, version);
    return { app, title: `version ${version}`, on: () => ({ patch }) };
  }
  const isBuilt = image === undefined || source !== undefined;
  const isMistyped = !/\d/.test(version) && didYouMean(version, Object.keys(versions)) !== undefined;
  if (isBuilt || isMistyped) throw noSuchVersion(app, version, { versions: Object.keys(versions), isBuilt });
  const [wish] = readWishes("version", [version]);
  return { ...(wish as Wish), app };
}

/** What a version sets, with what the app's other versions set put back to what is declared. */
function switchedTo({ spec, declaration }: Company, app: string, version: string): Patch {
  const { versions } = spec.apps[app] as Company["spec"]["apps"][string];
  const declared = (declaration.tree.apps as Record<string, unknown>)[app];
  const own = versions[version] ?? {};
  const others = Object.entries(versions).flatMap(([name, patch]) =>
    name === version ? [] : leavesOf(patch),
  );
  let patch: Patch = {};
  for (const { path } of others) patch = put(patch, path, valueAt(declared, path) ?? null);
  for (const { path, value } of leavesOf(own)) patch = put(patch, path, value);
  return patch;
}

function put(patch: Patch, [key = "", ...rest]: readonly string[], value: unknown): Patch {
  if (rest.length === 0) return { ...patch, [key]: value };
  const inner = patch[key];
  const below = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Patch) : {};
  return { ...patch, [key]: put(below, rest, value) };
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
