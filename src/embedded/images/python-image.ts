import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { failure } from "../../util/errors.ts";
import { sha256 } from "../../util/hash.ts";
import { certificateLayer, identityLayer } from "./base.ts";
import type { BuildContext } from "./context.ts";
import { debianLayer } from "./debian.ts";
import { assembleImage } from "./image.ts";
import { ensureLayer } from "./layer.ts";
import { compileBytecode, pythonIn, type UnpackedPython, unpackPython } from "./python-tools.ts";
import { runOrFail } from "./run.ts";
import { copySource } from "./source-copy.ts";
import { sourceLayer } from "./source-layer.ts";
import { hasFile, type Source, workdirOf } from "./source-recipe.ts";
import type { Image, Layer } from "./store.ts";
import { treeEntries } from "./tree.ts";

/** Debian 12's Python, for which the wheels must be made, and the C++ library that native wheels are linked with. */
const packages = ["python3", "libstdc++6", "libgcc-s1"];
const siteFolder = "usr/local/lib/python3.11/dist-packages";

/** From the most to the least specific: pip takes a wheel that fits any of them. */
const platforms = [
  "manylinux_2_36_x86_64",
  "manylinux_2_28_x86_64",
  "manylinux_2_17_x86_64",
  "manylinux2014_x86_64",
];

/** An image of a Python program with the wheels of its requirements.txt, on Debian's Python. */
export async function pythonImage(source: Source, context: BuildContext): Promise<Image> {
  const entrypoint = entryOf(source);
  const base = await debianLayer(packages, context, {
    key: "bytecode/1",
    apply: (folder) => compileBytecode(pythonIn(folder), folder, "usr/lib/python3.11", context),
  });
  const layers = [
    base.layer,
    await identityLayer(context),
    ...(await certificateLayer(context)),
    ...(await requirementsLayer(source, base.layer, context)),
    await sourceLayer(source, context),
  ];
  return assembleImage(layers, {
    title: posix.basename(source.path),
    version: source.hash.slice(0, 12),
    source: source.path,
    revision: `sha256:${source.hash}`,
    entrypoint,
    workdir: workdirOf(source),
    // The file system is read-only in a pod, and lines must reach the log at once.
    env: { PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
  });
}

function entryOf(source: Source): string[] {
  if (hasFile(source, "main.py")) return ["/usr/bin/python3", "main.py"];
  const modules = source.files.flatMap(
    (file) => /^([\w]+)\/__main__\.py$/.exec(posix.relative(source.path, file.path))?.[1] ?? [],
  );
  if (modules.length === 1) return ["/usr/bin/python3", "-m", ...modules];
  throw failure("LF5003", {
    what: `${source.path} does not say how it starts`,
    why: "it has neither a main.py nor exactly one package with a __main__.py",
    fix: `add ${posix.join(source.path, "main.py")}`,
  });
}

/** The wheels of requirements.txt, with their bytecode, where Debian's Python looks for them. */
async function requirementsLayer(source: Source, base: Layer, context: BuildContext): Promise<Layer[]> {
  if (!hasFile(source, "requirements.txt")) return [];
  const content = readFileSync(join(source.root, source.path, "requirements.txt"), "utf8");
  // A line that names another file or folder depends on more than its own words.
  const local = /^\s*(-r|-c|-e|\.|file:)/m.test(content) ? source.hash : "";
  const key = `pip/1 ${base.diffId} ${sha256(content)} ${local}`;
  const layer = await ensureLayer(key, context, async (work) => {
    context.onProgress?.(`installing the Python packages of ${source.path} …`);
    const tree = join(work, "tree");
    mkdirSync(tree);
    copySource(source.root, source.files, tree);
    const pip = (await debianLayer(["python3-pip"], context)).layer;
    const python = await unpackPython(pip, join(work, "python"), context);
    const site = join(work, "stage", siteFolder);
    await install(python, join(tree, source.path), site, source.path, context);
    await compileBytecode(python, join(work, "stage"), siteFolder, context);
    return treeEntries(join(work, "stage"), "");
  });
  return [layer];
}

async function install(
  python: UnpackedPython,
  cwd: string,
  site: string,
  name: string,
  context: BuildContext,
): Promise<void> {
  const quiet = [
    "--disable-pip-version-check",
    "--progress-bar=off",
    "--root-user-action=ignore",
    "--no-input",
    "--no-compile",
    "--only-binary=:all:",
  ];
  const wanted = [...platforms.flatMap((p) => ["--platform", p]), "--target", site, "-r", "requirements.txt"];
  await runOrFail(python.command, [...python.args, "-m", "pip", "install", ...quiet, ...wanted], {
    ...context,
    cwd,
    env: python.env,
    code: "LF5003",
    what: `the Python packages of ${name} cannot be installed`,
    fix: `correct ${posix.join(name, "requirements.txt")}; every package needs a wheel for CPython 3.11 on Linux`,
  });
  // Start scripts name this machine's Python; in the image modules are started with `python3 -m`.
  await rm(join(site, "bin"), { recursive: true, force: true });
  for (const info of await readdir(site)) {
    const record = join(site, info, "RECORD");
    if (!info.endsWith(".dist-info") || !existsSync(record)) continue;
    const kept = readFileSync(record, "utf8").replace(/^(\.\.\/)+bin\/.*\n/gm, "");
    writeFileSync(record, kept);
  }
}
