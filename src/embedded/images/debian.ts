import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { LandfallError } from "../../util/errors.ts";
import type { BuildContext } from "./context.ts";
import { download } from "./debian-download.ts";
import { type DebianPackage, solvePackages, updateLists } from "./debian-solve.ts";
import { ensureLayer } from "./layer.ts";
import { run, runOrFail } from "./run.ts";
import type { Layer } from "./store.ts";
import { treeEntries } from "./tree.ts";

/** A layer of unpacked packages, with what it is made of. */
export interface DebianLayer {
  layer: Layer;
  packages: DebianPackage[];
}

/** Something done to the unpacked tree before it is packed; `key` names it in the cache. */
export interface Finish {
  key: string;
  apply: (folder: string) => Promise<void>;
}

/** Left out of every image: nothing reads them in a container. */
const dropped = ["doc", "man", "locale", "info", "lintian", "bug", "doc-base", "bash-completion"].map(
  (name) => `usr/share/${name}`,
);

/** Debian merged these below /usr; packages still ship files under both names. */
const mergedFolders = ["bin", "sbin", "lib", "lib64"];

/** The packages and all they need at run time as one layer. No package script runs. */
export async function debianLayer(
  wanted: string[],
  context: BuildContext,
  finish?: Finish,
): Promise<DebianLayer> {
  try {
    return await layerOf(await solvePackages(wanted, context), context, finish);
  } catch (error) {
    context.signal?.throwIfAborted();
    const absent = error instanceof LandfallError && error.problems[0]?.code === "LF5004";
    if (!absent || process.getuid?.() !== 0) throw error;
    // The usual reason: the lists are older than the archive, and the file they name is gone.
    await updateLists(wanted, context);
    return layerOf(await solvePackages(wanted, context), context, finish);
  }
}

async function layerOf(
  packages: DebianPackage[],
  context: BuildContext,
  finish?: Finish,
): Promise<DebianLayer> {
  const versions = packages.map((p) => `${p.name}=${p.version}:${p.architecture}`).join(" ");
  const layer = await ensureLayer(`debian/2 ${versions} ${finish?.key ?? ""}`, context, async (work) => {
    const files = await download(packages, context);
    for (const name of mergedFolders) {
      mkdirSync(join(work, "usr", name), { recursive: true });
      symlinkSync(`usr/${name}`, join(work, name));
    }
    for (const file of files) await unpack(file, work, context);
    await linkApplets(work, context);
    await finish?.apply(work);
    return treeEntries(work, "", (path) => dropped.includes(path));
  });
  return { layer, packages };
}

/** `dpkg-deb -x` would replace the merged folders' symlinks; tar is told to keep them. */
async function unpack(file: string, to: string, context: BuildContext): Promise<void> {
  const script =
    'set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink --no-same-owner -C "$2"';
  await runOrFail("bash", ["-c", script, "unpack", file, to], {
    ...context,
    code: "LF5003",
    what: `the package ${file} cannot be unpacked`,
    fix: "remove the file and run the command again",
  });
}

/** Where busybox is among the packages, its commands are linked to it, unless a package brings its own. */
async function linkApplets(folder: string, context: BuildContext): Promise<void> {
  const busybox = join(folder, "usr/bin/busybox");
  if (!existsSync(busybox)) return;
  const { stdout } = await run(busybox, ["--list-full"], context.signal ? { signal: context.signal } : {});
  for (const path of stdout.split("\n").filter(Boolean)) {
    const name = path.replace(/^(usr\/)?s?bin\//, "");
    const taken = ["bin", "sbin"].some((place) => existsSync(join(folder, "usr", place, name)));
    if (!taken && !name.includes("/")) symlinkSync("busybox", join(folder, "usr/bin", name));
  }
}

/**
 * The upstream part of a Debian version: without epoch, Debian's revision and repacking marks.
 * `1:2.42.0+ds-5+b5` is `2.42.0`.
 */
export function upstreamVersion(version: string): string {
  return version
    .replace(/^\d+:/, "")
    .replace(/-[^-]*$/, "")
    .replace(/[+~](ds|dfsg|git).*$/, "");
}
