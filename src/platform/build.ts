import { join, resolve } from "node:path";
import type { HandOverStep } from "../changes/types.ts";
import { type CompileOptions, compile } from "../compile/index.ts";
import type { Plan } from "../compile/plan.ts";
import type { MadeSecrets } from "../compile/secret-bundles.ts";
import { fleetTree, variantsOf } from "../emit/flux/index.ts";
import { type FolderResult, writeFolder } from "../emit/folder.ts";
import { type CommitResult, commitTree } from "../emit/git/commit.ts";
import { headOf, openFleet } from "../emit/git/fleet.ts";
import { pushFleet } from "../emit/git/push.ts";
import type { Declaration } from "../model/declaration.ts";
import { registry } from "../parts/index.ts";
import { failure } from "../util/errors.ts";
import { staysInside } from "../util/files.ts";
import { openSpool, type Spool } from "../util/spool.ts";
import { filesInSteps } from "./hand-over.ts";
import { fleetLocation } from "./local-cluster.ts";
import { updateLock } from "./lock-file.ts";
import { holdToPlan } from "./plan-file.ts";
import type { BuildRecord } from "./rebuild/record.ts";
import { remember } from "./rebuild/remember.ts";
import { type Held, heldBack } from "./release/hold.ts";

/** The identity landfall commits with; people are named by the commits of the declaration. */
const author = { name: "landfall", email: "landfall@localhost" };

export interface Built {
  plan: Plan;
  folder: FolderResult & { path: string };
  secrets: MadeSecrets;
  /** What the next build may start from. */
  record?: BuildRecord | undefined;
}

export interface BuildOptions {
  out?: string;
  force?: boolean;
  /** A saved plan: build exactly it, or nothing (LF3005, LF3006). */
  plan?: string;
  /** Keep what the next build may start from. @default for estates that are large enough to gain from it */
  remember?: boolean;
  /** Called with the declaration when it was read. */
  onLoaded?: (declaration: Declaration) => void;
}

/** Apps from which on a build keeps a record. */
const manyApps = 300;

/** Compile the declaration and write the fleet's files beside it. Needs Node alone. */
export async function build(path: string, options: BuildOptions = {}): Promise<Built> {
  const spool = openSpool();
  try {
    return await buildWith(spool, path, options);
  } finally {
    spool.close();
  }
}

async function buildWith(spool: Spool, path: string, options: BuildOptions): Promise<Built> {
  let declaration: Declaration | undefined;
  const onLoaded = (loaded: Declaration) => {
    declaration = loaded;
    options.onLoaded?.(loaded);
  };
  const { plan, secrets } = await compileForOutput(path, { onLoaded, spool });
  if (options.plan) await holdToPlan(plan, options.plan);
  const out = options.out ? resolve(options.out) : fleetFolder(plan);
  const started = performance.now();
  const variants = variantsOf(plan);
  const folder = writeFolder(out, fleetTree(plan, variants), options);
  updateLock(plan.dir, {}, imagesOf(plan));
  const apps = Object.keys((declaration?.tree.apps ?? {}) as object).length;
  const wanted = options.remember ?? apps >= manyApps;
  const record =
    declaration && wanted
      ? remember({ declaration, plan, variants, out, named: Boolean(options.out) })
      : undefined;
  plan.timings.write = Math.round((performance.now() - started) * 10) / 10;
  return { plan, folder: { ...folder, path: out }, secrets, record };
}

/** Where the fleet's files go when nobody names another folder. A link may not lead it elsewhere. */
function fleetFolder(plan: Plan): string {
  const folder = join(plan.dir, plan.fleet.path);
  if (staysInside(plan.dir, folder)) return folder;
  throw failure("LF3001", {
    what: `the fleet's folder ${folder} leads outside the declaration's folder`,
    why: "a symbolic link on the way leaves it, and a build would write and remove files there",
    fix: "remove the link, or name the folder with `--out`",
  });
}

/** Compile, with values made for secrets that may be generated and have none. */
export async function compileForOutput(
  path: string,
  options: Pick<CompileOptions, "onLoaded" | "spool"> = {},
): Promise<{ plan: Plan; secrets: MadeSecrets }> {
  let secrets: MadeSecrets = { names: [], identity: undefined };
  const plan = await compile(path, { ...options, registry, onSecretsMade: (made) => (secrets = made) });
  return { plan, secrets };
}

/** Every image reference of a plan. */
export function imagesOf(plan: Plan): string[] {
  return [...new Set(plan.clusters.flatMap(({ images }) => images.map(({ ref }) => ref)))];
}

export interface Committed extends CommitResult {
  repo: string;
  /** What clusters must have applied before the rest may be committed. */
  steps: HandOverStep[];
  /** What releases kept from being built. */
  held: Held[];
}

/**
 * Commit the fleet's files to the fleet repo, and push them where the company has a Git host. What changes owners goes
 * in steps: as long as there are `steps`, the same call commits the next ones when they are due.
 */
export async function commitFleet(plan: Plan, message: string): Promise<Committed> {
  const fleet = await openFleet(fleetLocation(plan), plan.fleet.branch);
  const head = await headOf(fleet.repo, plan.fleet.branch);
  const {
    files: tree,
    keep,
    held,
  } = head
    ? await heldBack(fleet.repo, head, fleetTree(plan))
    : { files: fleetTree(plan), keep: () => false, held: [] };
  const { files, steps } = await filesInSteps(plan, tree, { repo: fleet.repo, head });
  const result = await commitTree({
    repo: fleet.repo,
    branch: plan.fleet.branch,
    ...{ files, keep },
    ...(head && { base: head }),
    message,
    trailers: { "Landfall-Company": plan.company },
    author,
  });
  if (fleet.remote && result.commit !== result.parent) {
    await pushFleet(fleet, { branch: plan.fleet.branch, commit: result.commit, base: result.parent });
  }
  return { ...result, repo: fleet.repo, steps, held };
}
