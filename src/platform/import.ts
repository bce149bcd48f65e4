import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { connect } from "../cluster/client.ts";
import { appName } from "../import/app-names.ts";
import { renderTree, type Tree } from "../import/assemble.ts";
import { importCompose } from "../import/compose/import-compose.ts";
import { type Imported, type ImportOptions, importObjects } from "../import/import-objects.ts";
import type { Source } from "../import/source.ts";
import { writeTypeScript } from "../import/write-ts.ts";
import { writeYaml } from "../import/write-yaml.ts";
import { loadDeclaration } from "../model/load.ts";
import { failure } from "../util/errors.ts";
import { defaultKubeconfig } from "./connect.ts";
import { composeSource } from "./import-compose.ts";
import { readCluster } from "./import-live.ts";
import { inputAt, readManifests } from "./import-read.ts";
import { readChart, readKustomization, repositoryOf, withClone } from "./import-tools.ts";

export interface ImportRequest {
  /** A folder, file, chart, compose file or repository of this machine; not with `live`. */
  source?: string;
  /** Read a running cluster. */
  live?: { context?: string; kubeconfig?: string; namespaces: string[] };
  /** The folder to write into. @default "." */
  out: string;
  /** The company's name; by default told from what is imported. */
  name?: string;
  /** Where objects go that name no namespace; by default the company's. */
  namespace?: string;
  form: "ts" | "yaml";
  harden: boolean;
  /** Files of values for a chart. */
  values: string[];
  /** `2026-11-21` */
  today: string;
}

export interface ImportResult extends Imported {
  file: string;
  skipped: { from: string; why: string }[];
}

type Read = { sources: Source[]; skipped: ImportResult["skipped"] };

/** Import what there is and write it as a declaration. Errors: LF1023 (cannot be read), LF1024 (cannot be written). */
export async function importFrom(request: ImportRequest): Promise<ImportResult> {
  const file = target(request);
  const { imported, skipped, head } = await convert(request);
  const text = (request.form === "ts" ? writeTypeScript : writeYaml)(imported.tree, head);
  // Somebody else may have been writing meanwhile.
  target(request);
  await writeProven(file, text, imported.tree);
  return { file, ...imported, skipped };
}

/** Write the file aside, and put it in place when it says what was imported, down to the objects built of it. */
async function writeProven(file: string, text: string, tree: Tree): Promise<void> {
  const aside = join(dirname(file), `.landfall-import-${process.pid}${extname(file)}`);
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(aside, text);
    const read = await loadDeclaration(aside);
    const objects = (of: Tree) => [...renderTree(of).values()].map(({ objects }) => objects);
    if (!isDeepStrictEqual(objects(read.tree as Tree), objects(tree))) {
      throw failure("LF9002", {
        what: "the declaration that was written does not say what was imported, and is removed again",
        fix: "report this with what you imported; --form yaml may work meanwhile",
      });
    }
    renameSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The file to write. An import never overwrites. */
function target({ out, form }: ImportRequest): string {
  const declared = existsSync(out) ? readdirSync(out).filter((name) => /^landfall\.config\./.test(name)) : [];
  if (declared[0]) {
    throw failure("LF1024", {
      what: `${join(out, declared[0])} is there already`,
      why: "import never overwrites",
      fix: "name another folder: --out imported",
    });
  }
  return join(out, `landfall.config.${form}`);
}

interface Converted {
  imported: Imported;
  skipped: ImportResult["skipped"];
  head: string[];
}

async function convert(request: ImportRequest): Promise<Converted> {
  if (request.live) return fromCluster(request, request.live);
  const source = request.source;
  if (!source)
    throw failure("LF9001", {
      what: "nothing is named to import",
      fix: "name a folder, file or chart, or use --live",
    });
  const repository = repositoryOf(source);
  return repository ? withClone(repository, (path) => fromPath(request, path)) : fromPath(request, source);
}

async function fromCluster(
  request: ImportRequest,
  live: NonNullable<ImportRequest["live"]>,
): Promise<Converted> {
  const context = live.context;
  if (!context) {
    throw failure("LF9001", {
      what: "--live needs a context",
      why: "the declaration names the cluster by it",
      fix: "name one of the kubeconfig: --context prod-eu",
    });
  }
  const kubeconfig = live.kubeconfig ?? defaultKubeconfig();
  const client = connect({ kubeconfig, context });
  try {
    const name = appName(context);
    const sources = await readCluster(client, live.namespaces, context);
    const options = { ...optionsOf(request, sources, name), cluster: { name, context } };
    return finish(request, { sources, skipped: [] }, options);
  } finally {
    client.close();
  }
}

async function fromPath(request: ImportRequest, source: string): Promise<Converted> {
  const { kind, path } = inputAt(source);
  const fallback = appName(basename(resolve(source)).replace(/\.(ya?ml|json|tgz)$/, ""));
  if (kind === "compose") {
    const compose = composeSource(path, request.out);
    const imported = importCompose(compose, optionsOf(request, [], appName(basename(resolve(path, "..")))));
    return { imported, skipped: [], head: headOf(request) };
  }
  const release = request.name ?? fallback;
  const readers: Record<typeof kind, () => Read | Promise<Read>> = {
    manifests: () => readManifests(path),
    kustomize: () => readKustomization(path),
    helm: () => readChart(path, { release, namespace: request.namespace ?? release, values: request.values }),
  };
  const read = await readers[kind]();
  if (read.sources.length === 0) {
    throw failure("LF1023", {
      what: `${source} holds no Kubernetes objects`,
      ...(read.skipped[0] && { why: `${read.skipped[0].from}: ${read.skipped[0].why}` }),
      fix: "name a folder of manifests, an overlay, a chart or a compose file",
    });
  }
  return finish(request, read, optionsOf(request, read.sources, fallback));
}

function finish(request: ImportRequest, { sources, skipped }: Read, options: ImportOptions): Converted {
  return { imported: importObjects(sources, options), skipped, head: headOf(request) };
}

/** The company is named like the one namespace of all objects, where there is one, else like what is imported. */
function optionsOf(request: ImportRequest, sources: Source[], fallback: string): ImportOptions {
  const namespaces = new Set(sources.flatMap(({ object }) => object.metadata.namespace ?? []));
  const only = namespaces.size === 1 ? [...namespaces][0] : undefined;
  const company = request.name ?? (only && appName(only) === only && only !== "default" ? only : fallback);
  return {
    company,
    namespace: request.namespace ?? only ?? company,
    cluster: { name: "local" },
    harden: request.harden,
    today: request.today,
  };
}

function headOf({ source, live, harden, today }: ImportRequest): string[] {
  const from = live ? `the cluster ${live.context ?? ""}` : basename(resolve(source ?? ""));
  const how = harden
    ? "Hardened: landfall's own settings hold where the originals said nothing."
    : "Faithful: `landfall build` makes the same objects. What landfall would do better is waived until a day; see `waive`.";
  return [`Imported from ${from} on ${today} by \`landfall import\`.`, how, ""];
}
