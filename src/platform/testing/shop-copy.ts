/** The shop in a folder of its own with a LANDFALL_HOME of its own, for tests that bring it up as some user. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findBinary } from "../../embedded/binaries/find.ts";
import { type RunResult, run } from "../../embedded/machine/run.ts";
import { clusterStatus } from "../../embedded/status.ts";
import type { ClusterState, ClusterStatus } from "../../embedded/types.ts";

const checkout = fileURLToPath(new URL("../../..", import.meta.url));
const command = join(checkout, "bin/landfall.js");

/** The number of the user who owns nothing. */
export const nobody = 65534;

export interface ShopCopy {
  company: string;
  dir: string;
  home: string;
  /** Run landfall in the copy's folder as its user, whatever the exit code is. */
  landfall: (...args: string[]) => Promise<RunResult>;
  /** The same behind a command line, which root starts, with more environment. */
  landfallIn: (before: string[], env: Record<string, string>, ...args: string[]) => Promise<RunResult>;
  /** Replace text in the declaration; the text must be there. */
  edit: (from: string, to: string) => void;
  state: () => ClusterState;
  status: () => Promise<ClusterStatus>;
  /** Take the cluster down, whatever state it is in, and remove the folders. */
  remove: () => Promise<void>;
}

/** Where programs are in the cache; undefined when one is not. */
export async function cachedPrograms(names: string[]): Promise<string[] | undefined> {
  try {
    const found = names.map((name) => findBinary(name, { build: false, download: false }));
    return (await Promise.all(found)).map(({ path }) => path);
  } catch {
    return undefined;
  }
}

function asUser(user: number): string[] {
  if (user === 0) return [];
  return ["setpriv", "--reuid", String(user), "--regid", String(user), "--clear-groups", "--"];
}

/** Why landfall cannot be run as nobody here; undefined when it can. */
export function whyNotAsNobody(): string | undefined {
  const [program = "", ...args] = [...asUser(nobody), process.execPath, command, "--version"];
  try {
    execFileSync(program, args, { stdio: "ignore", env: { PATH: process.env.PATH, HOME: tmpdir() } });
    return undefined;
  } catch {
    return "another user may not read this checkout or has no setpriv";
  }
}

/** Copy the shop as a company of this name for a user (0 is root), with programs in its cache. */
export function copyShop(company: string, user: number, programs: string[]): ShopCopy {
  const base = mkdtempSync(join(tmpdir(), "landfall-sim-"));
  const [dir, home] = [join(base, "shop"), join(base, "home")];
  const unwanted = /\/(node_modules|\.venv|fleet|secrets|\.sops\.yaml|landfall\.lock|__pycache__)$/;
  cpSync(join(checkout, "examples/shop"), dir, { recursive: true, filter: (path) => !unwanted.test(path) });
  mkdirSync(join(home, "cache", "bin"), { recursive: true });
  const file = join(dir, "landfall.config.ts");
  const edit = (from: string, to: string) => {
    const before = readFileSync(file, "utf8");
    if (!before.includes(from)) throw new Error(`the shop's declaration has no ${from}`);
    writeFileSync(file, before.replace(from, to));
  };
  edit('company("shop"', `company("${company}"`);
  edit('localCluster("local", {', 'localCluster("local", { ports: { http: 18480, https: 18843 },');
  chmodSync(base, 0o755);
  if (user !== 0) execFileSync("chown", ["-R", `${user}:${user}`, base]);
  // Afterwards: a hard link's owner is the owner of the program itself.
  fillCache(join(home, "cache", "bin"), programs);

  const landfallIn: ShopCopy["landfallIn"] = (before, env, ...args) => {
    const inFolder = ["env", `--chdir=${dir}`];
    const [program = "", ...line] = [
      ...before,
      ...asUser(user),
      ...inFolder,
      process.execPath,
      command,
      ...args,
    ];
    const own = { PATH: process.env.PATH, HOME: base, LANDFALL_HOME: home, ...env };
    return run(program, line, { timeoutMs: 200_000, env: own });
  };
  const name = `${company}-local`;
  return {
    company,
    dir,
    home,
    edit,
    landfallIn,
    landfall: (...args) => landfallIn([], {}, ...args),
    state: () =>
      JSON.parse(readFileSync(join(home, "clusters", name, "cluster.json"), "utf8")) as ClusterState,
    status: () => withHome(home, () => clusterStatus(name)),
    remove: async () => {
      await landfallIn([], {}, "down", ".", "--yes");
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** A hard link costs nothing; a copy where the cache is on another disk. */
function fillCache(bin: string, programs: string[]): void {
  for (const from of new Set(programs.map((path) => dirname(path)))) {
    const to = join(bin, basename(from));
    mkdirSync(to);
    for (const file of readdirSync(from)) {
      try {
        linkSync(join(from, file), join(to, file));
      } catch {
        copyFileSync(join(from, file), join(to, file));
      }
    }
  }
}

async function withHome<T>(home: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.LANDFALL_HOME;
  process.env.LANDFALL_HOME = home;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.LANDFALL_HOME;
    else process.env.LANDFALL_HOME = before;
  }
}
