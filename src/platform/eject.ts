import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compileDeclaration } from "../compile/index.ts";
import type { Plan } from "../compile/plan.ts";
import { emitEjected } from "../emit/eject/index.ts";
import { type FolderResult, writeFolder } from "../emit/folder.ts";
import { loadDeclaration } from "../model/load.ts";
import { registry } from "../parts/index.ts";
import { compileForOutput } from "./build.ts";

export interface Ejected {
  plan: Plan;
  folder: FolderResult & { path: string };
  /** Files that are as `build` writes them, and those that are not from it. */
  built: number;
  added: string[];
}

/**
 * Write the fleet repo so that it can be lived with without landfall, beside the declaration or to `out`. `url` is the
 * Git host's address, where the declaration names none. Files changed by hand are refused (LF3004) unless forced.
 */
export async function eject(
  path: string,
  options: { out?: string; url?: string; force?: boolean } = {},
): Promise<Ejected> {
  const { plan } = await compileForOutput(path);
  const url = options.url ?? plan.fleet.url ?? `https://git.example.com/${plan.company}/fleet.git`;
  const sops = join(plan.dir, ".sops.yaml");
  const { built, added } = emitEjected(plan, {
    url,
    hosted: await hostedPlan(path, url),
    sopsConfig: existsSync(sops) ? readFileSync(sops, "utf8") : undefined,
  });
  const out = options.out ? resolve(options.out) : join(plan.dir, "ejected");
  const folder = writeFolder(out, new Map([...built, ...added]), options);
  return { plan, folder: { ...folder, path: out }, built: built.size, added: [...added.keys()] };
}

/** The company's parts as if every cluster read the fleet from a Git host. */
async function hostedPlan(path: string, url: string): Promise<Plan> {
  const declaration = await loadDeclaration(path);
  const { landfall, company, domain, fleet, environments, parts } = declaration.tree;
  const clusters = Object.entries(declaration.tree.clusters as Record<string, Record<string, unknown>>);
  const tree = {
    landfall,
    company,
    ...(domain !== undefined && { domain }),
    ...(environments !== undefined && { environments }),
    ...(parts !== undefined && { parts }),
    fleet: { ...(fleet as object | undefined), url },
    clusters: Object.fromEntries(
      clusters.map(([name, { environment, labels }]) => [
        name,
        {
          type: "kubernetes",
          context: name,
          ...(environment !== undefined && { environment }),
          ...(labels !== undefined && { labels }),
        },
      ]),
    ),
  };
  return await compileDeclaration({ ...declaration, tree, data: [] }, { registry });
}
