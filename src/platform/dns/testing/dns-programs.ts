import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { download } from "../../../embedded/images/debian-download.ts";
import { solvePackages } from "../../../embedded/images/debian-solve.ts";
import { makeFolderAtomic } from "../../../util/files.ts";
import { sha256 } from "../../../util/hash.ts";
import { cachePath } from "../../../util/home.ts";

const exec = promisify(execFile);

/** DNS servers and their tools of Debian, unpacked in the cache and not installed: no daemon starts by itself. */
const packages = ["bind9", "bind9-dnsutils", "pdns-server", "pdns-backend-sqlite3"];

/** The machine's own, which every program here is started with. */
const machines = new Set(["libc6", "libgcc-s1", "gcc-12-base", "libcrypt1"]);

export interface DnsPrograms {
  /** The folder that is their root. */
  root: string;
  /** What each must be started with. */
  env: Record<string, string>;
  named: string;
  dig: string;
  pdns: string;
}

/** Fetch them once; later calls find them. Throws where Debian's packages cannot be had. */
export async function dnsPrograms(): Promise<DnsPrograms> {
  const solved = (await solvePackages(packages, {})).filter(({ name }) => !machines.has(name));
  const root = cachePath("dns", sha256(JSON.stringify(solved)).slice(0, 16));
  if (!existsSync(root)) {
    const files = await download(solved, {});
    await makeFolderAtomic(root, async (aside) => {
      for (const file of files) await exec("dpkg", ["-x", file, aside]);
    });
  }
  const libraries = ["usr/lib", "lib"].map((folder) => join(root, folder, "x86_64-linux-gnu"));
  return {
    root,
    env: { LD_LIBRARY_PATH: libraries.join(":") },
    named: join(root, "usr/sbin/named"),
    dig: join(root, "usr/bin/dig"),
    pdns: join(root, "usr/sbin/pdns_server"),
  };
}
