/**
 * The quick way to build after a small change: when nothing changed but what single apps are made of, only these are
 * checked and rendered, and only their files written. It knows what the last build left (`record.ts`) and gives up, so
 * that the whole compiler runs, as soon as anything else may be concerned or anything is to be said.
 * What must hold: the fleet is the same, to the byte, as if everything had been built.
 */
import { join, resolve } from "node:path";
import { inwardChecks } from "../../compile/app-checks.ts";
import { checkBundle } from "../../compile/check.ts";
import { type Content, contentOf } from "../../compile/content.ts";
import { isSelfContained, renderUnit } from "../../compile/contents.ts";
import { imageNames } from "../../compile/image-names.ts";
import { differsInwardly } from "../../compile/inward.ts";
import { placedApp } from "../../compile/resolve.ts";
import { localToday } from "../../compile/waivers.ts";
import { type FolderResult, patchFolder } from "../../emit/folder.ts";
import { analysedRelease } from "../../model/app-release.ts";
import type { Declaration } from "../../model/declaration.ts";
import { findDeclaration } from "../../model/load.ts";
import { type Company, parseCompany } from "../../model/parse.ts";
import type { Problem } from "../../util/errors.ts";
import { staysInside } from "../../util/files.ts";
import { readLock } from "../lock-file.ts";
import { type Changed, changedSince } from "./changed.ts";
import {
  type AppRecord,
  appendToRecord,
  type BuildRecord,
  type PlacedVariant,
  readRecord,
  treeState,
} from "./record.ts";

export interface Rebuilt {
  company: string;
  folder: FolderResult & { path: string };
  warnings: Problem[];
  timings: Record<string, number>;
}

/** Build the quick way; undefined where only the whole compiler can tell. */
export function rebuild(path: string, options: { out?: string } = {}): Rebuilt | undefined {
  const file = findDeclaration(path);
  const record = readRecord(file);
  if (!record || !isSameFolder(record, options.out)) return undefined;
  return rebuildFrom(record);
}

/** Whether a build would write where the last one did; a link that leads elsewhere is for the whole build to refuse. */
function isSameFolder(record: BuildRecord, out: string | undefined): boolean {
  if (out) return resolve(out) === record.out;
  return !record.named && staysInside(record.dir, record.out);
}

/** The same from a record at hand, which is brought up to date. With `touched` only these files are looked at. */
export function rebuildFrom(record: BuildRecord, touched?: ReadonlySet<string>): Rebuilt | undefined {
  const started = performance.now();
  if (record.today !== localToday() || record.secrets !== treeState(join(record.dir, "secrets")))
    return undefined;
  const changed = changedSince(record, touched);
  if (!changed) return undefined;
  const load = performance.now();
  const made = changed.apps.size === 0 ? [] : renderChanged(record, changed);
  if (!made) return undefined;
  const render = performance.now();
  const files = new Map(made.flatMap(({ files: own }) => own));
  const folder = patchFolder(record.out, files, { trusted: touched !== undefined });
  if (!folder) return undefined;
  appendToRecord(record, {
    data: changed.data,
    sources: changed.sources,
    apps: made.map(({ name, record: app }) => [name, app]),
  });
  return {
    company: record.company,
    folder: { ...folder, path: record.out },
    warnings: record.warnings,
    timings: {
      load: rounded(load - started),
      render: rounded(render - load),
      write: rounded(performance.now() - render),
    },
  };
}

const rounded = (ms: number) => Math.round(ms * 10) / 10;

interface Made {
  name: string;
  record: AppRecord;
  files: [path: string, content: Content][];
}

function renderChanged(record: BuildRecord, changed: Changed): Made[] | undefined {
  for (const { tree, record: before } of changed.apps.values())
    if (!differsInwardly(before.tree, tree)) return undefined;
  // Who reads warnings of an app that changed must get today's.
  if (record.warnings.some(({ where }) => changed.apps.has(where?.path?.split(".")[1] ?? "")))
    return undefined;
  const { company, problems } = parseCompany(declarationOf(record, changed));
  if (!company || problems.length > 0) return undefined;
  const locked = Object.keys(readLock(record.dir).images).length > 0;
  const made: Made[] = [];
  for (const [name, { tree, record: before }] of changed.apps) {
    const files = renderApp(company, name, { record, before, locked });
    if (!files) return undefined;
    made.push({ name, record: { tree, variants: before.variants }, files });
  }
  return made;
}

/** The declaration as if it had the changed apps alone. */
function declarationOf(record: BuildRecord, { apps, data }: Changed): Declaration {
  const place = () => ({ file: record.file });
  const own = (patches: Record<string, Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(patches).filter(([name]) => apps.has(name)));
  return {
    file: record.file,
    dir: record.dir,
    tree: {
      ...record.main,
      include: [],
      moved: [],
      apps: Object.fromEntries([...apps].map(([name, { tree }]) => [name, tree])),
    },
    data: data.map((file) => ({ ...file, apps: own(file.apps) })),
    place,
    placeInData: place,
    problems: [],
    sources: [],
    folders: [],
  };
}

function renderApp(
  company: Company,
  name: string,
  { record, before, locked }: { record: BuildRecord; before: AppRecord; locked: boolean },
): Made["files"] | undefined {
  const views = company.viewsOf(name);
  const checked = views.flatMap(({ spec: app, place }) =>
    inwardChecks.flatMap((check) => check({ company, name, app, apps: {}, place })),
  );
  if (checked.length > 0) return undefined;
  const files: Made["files"] = [];
  for (const variant of before.variants) {
    const content = renderVariant(company, name, { record, variant, locked });
    if (!content) return undefined;
    files.push([variant.path, content]);
  }
  // What was told apart before must be so still, and the other way round.
  const digests = new Set(files.map(([, { digest }]) => digest));
  const paths = new Set(files.map(([path]) => path));
  const pairs = new Set(files.map(([path, { digest }]) => `${path} ${digest}`));
  return digests.size === paths.size && pairs.size === paths.size ? files : undefined;
}

function renderVariant(
  company: Company,
  name: string,
  { record, variant, locked }: { record: BuildRecord; variant: PlacedVariant; locked: boolean },
): Content | undefined {
  const [spec, ...others] = new Set(variant.clusters.map((cluster) => company.appOn(name, cluster)));
  const services = record.services[variant.services];
  // How an analysed release is rendered is a function of a part, which no record holds.
  if (!spec || others.length > 0 || !services || spec.source || analysedRelease(spec.release))
    return undefined;
  const app = placedApp(spec, imageNames(company).of(name, spec), variant.placed);
  if (!isSelfContained({ app })) return undefined;
  const render = () => renderUnit({ app, services, secrets: variant.secrets });
  const objects = render();
  const bundle = {
    name: `app-${name}`,
    kind: "app",
    owner: name,
    waivers: spec.waive,
    place: { file: "" },
  } as const;
  const { kubernetes, domain } = company.spec;
  const checks = { kubernetes, domain, onWaived: () => undefined };
  if (checkBundle(bundle, objects, { around: () => objects, ...checks }).length > 0) return undefined;
  const content = contentOf(objects, render);
  const { kinds, namespaces, images } = content.facts;
  const same = (a: string[], b: string[]) => a.join() === b.join();
  if (!same(kinds, variant.kinds) || !same(namespaces, variant.namespaces)) return undefined;
  // The lock names images by what is used; it is written by whole builds.
  return locked && !same(images, variant.images) ? undefined : content;
}
