import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { besidePath } from "../../util/files.ts";
import { cachePath } from "../../util/home.ts";
import type { BuildContext } from "./context.ts";
import type { DebianPackage } from "./debian-solve.ts";
import { runOrFail } from "./run.ts";
import { removeAbandoned } from "./store.ts";

/** The package files in the cache, fetched (and verified) by apt where they are not there yet. */
export async function download(packages: DebianPackage[], context: BuildContext): Promise<string[]> {
  const folder = cachePath("debs");
  const fileOf = (p: DebianPackage) =>
    join(folder, `${p.name}_${p.version.replaceAll(":", "%3a")}_${p.architecture}.deb`);
  const absent = packages.filter((p) => !existsSync(fileOf(p)));
  if (absent.length > 0) await fetchInto(folder, absent, context);
  return packages.map(fileOf);
}

async function fetchInto(folder: string, packages: DebianPackage[], context: BuildContext): Promise<void> {
  context.onProgress?.(`fetching ${packages.length} Debian packages (${packages[0]?.name} …)`);
  const aside = besidePath(join(folder, "new"));
  await mkdir(aside, { recursive: true });
  await removeAbandoned(folder);
  try {
    // As root apt would drop to its own user, who may not write here.
    const user = ["-o", "APT::Sandbox::User=root", "-o", "APT::Architectures=amd64"];
    const exact = packages.map((p) => `${p.name}=${p.version}`);
    await runOrFail("apt-get", ["download", "-qq", ...user, ...exact], {
      ...context,
      cwd: aside,
      code: "LF5004",
      what: "Debian packages cannot be fetched",
      fix: "check the network, then run: apt-get update",
    });
    for (const name of await readdir(aside)) await rename(join(aside, name), join(folder, name));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
