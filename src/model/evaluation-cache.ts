/**
 * Keeps what a declaration in TypeScript evaluated to, so that an unchanged one is not evaluated again.
 *
 * An evaluation is pure (`seal.ts`), so its result follows from the modules it loaded, from landfall's own modules that
 * it ran in, and from Node. What must hold for a kept result to be used:
 * - every module that was loaded has the same content, and none of its folders' `package.json` changed, came or went;
 * - the estate has the same TypeScript files;
 * - landfall and Node are the same.
 * Which modules were loaded is told by the process's import hook, out of reach of what it evaluates: else a declaration
 * could leave a false result behind for the next. An evaluation that depends on more (a package, a link, an import that
 * failed) is not kept, nor one whose files changed while it ran or just before.
 */
import { hash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { cachePath } from "../util/home.ts";
import { keepInCache } from "./cache-file.ts";
import type { Evaluated } from "./evaluate.ts";
import { type EvaluationLimits, evaluateInChild, projectOf } from "./evaluate-child.ts";
import { listEstate } from "./list-files.ts";
import { grain, type Source } from "./parsed-files.ts";

/** A file with the digest of its content; none where it was not there. */
type Pinned = [path: string, digest?: string | undefined];

interface Kept {
  key: string;
  modules: Pinned[];
  manifests: Pinned[];
  result: Evaluated & { ok: true };
}

/** As `evaluateInChild`, or what that gave before. */
export async function evaluateOnce(
  file: string,
  include?: unknown,
  limits: Partial<EvaluationLimits> = {},
): Promise<{ result: Evaluated; sources: Source[] }> {
  const real = realpathSync(file);
  const key = keyOf(real, include);
  const path = cachePath("evaluations", `${hash("sha256", real).slice(0, 32)}.json`);
  const kept = read(path);
  const sources = kept?.key === key && stillHolds(real, include, kept);
  if (kept && sources) return { result: kept.result, sources };

  const started = Date.now();
  const { result, loaded, closed } = await evaluateInChild(real, limits, include);
  const found = loaded.map(sourceOf).filter((source) => source !== undefined);
  const manifests = [...manifestsOf(loaded)].map((path) => ({ path, source: sourceOf(path) }));
  const dated = [...found, ...manifests.flatMap(({ source }) => source ?? [])];
  const settled =
    found.length === loaded.length && dated.every(({ changedMs }) => changedMs + grain < started);
  if (result.ok && result.failures.length === 0 && closed && settled) {
    const keeping: Kept = {
      key,
      modules: found.map((source): Pinned => [source.path, source.digest]),
      manifests: manifests.map(({ path, source }): Pinned => [path, source?.digest]),
      result,
    };
    keepInCache(path, JSON.stringify(keeping));
  }
  return { result, sources: found.map(plainSource) };
}

/** What an evaluation stands on besides the files of its project. */
function keyOf(file: string, include: unknown): string {
  const own = fileURLToPath(new URL(".", import.meta.url));
  const modules = [
    join(own, "../index.ts"),
    join(own, "../index.js"),
    ...readdirSync(own).map((name) => join(own, name)),
  ];
  const stamps = modules.map((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return [path, stat?.size, stat?.mtimeMs, stat?.ctimeMs];
  });
  const { version, platform, arch } = process;
  return hash(
    "sha256",
    JSON.stringify([1, file, projectOf(dirname(file)), include ?? null, version, platform, arch, stamps]),
  );
}

/** The sources of a kept result, when all that it stands on is as it was. */
function stillHolds(
  file: string,
  include: unknown,
  { modules, manifests, result }: Kept,
): Source[] | undefined {
  const known = new Set(modules.map(([path]) => path));
  const { files } = listEstate(dirname(file), file.endsWith(".ts") ? result.declared.tree.include : include);
  if (files.some((path) => path.endsWith(".ts") && !known.has(path))) return undefined;
  // JSON has null where there was nothing.
  if (manifests.some(([path, digest]) => sourceOf(path)?.digest !== (digest ?? undefined))) return undefined;
  const sources: Source[] = [];
  for (const [path, digest] of modules) {
    const source = sourceOf(path);
    if (!source || source.digest !== digest) return undefined;
    sources.push(plainSource(source));
  }
  return sources;
}

/** The `package.json` of every folder that a module lies in, and of those above: they say what a module is. */
function manifestsOf(loaded: string[]): Set<string> {
  const folders = new Set<string>();
  for (const path of loaded) {
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  }
  return new Set([...folders].map((folder) => join(folder, "package.json")));
}

type DatedSource = Source & { changedMs: number };

function sourceOf(path: string): DatedSource | undefined {
  try {
    const content = readFileSync(path);
    // After reading: a change in between shows as a time that is too late.
    const { size, mtimeMs, ctimeMs } = statSync(path);
    return { path, size, mtimeMs, digest: hash("sha256", content), changedMs: Math.max(mtimeMs, ctimeMs) };
  } catch {
    return undefined;
  }
}

function plainSource({ path, size, mtimeMs, digest }: DatedSource): Source {
  return { path, size, mtimeMs, digest };
}

function read(path: string): Kept | undefined {
  try {
    const kept = JSON.parse(readFileSync(path, "utf8")) as Partial<Kept> | null;
    return kept?.key && kept.modules && kept.manifests && kept.result?.declared ? (kept as Kept) : undefined;
  } catch {
    return undefined;
  }
}
