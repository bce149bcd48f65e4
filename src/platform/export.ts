import { join, resolve } from "node:path";
import { type FolderResult, writeFolder } from "../emit/folder.ts";
import { emitHelm } from "../emit/helm/index.ts";
import { type Built, compileForOutput } from "./build.ts";

export interface Exported extends Omit<Built, "folder"> {
  folder: FolderResult & { path: string };
}

/**
 * Write the company's apps as a Helm chart with values, beside the declaration or to `out`. Files that were changed
 * by hand are refused (LF3004) unless `force` is given.
 */
export async function exportHelm(
  path: string,
  options: { out?: string; force?: boolean } = {},
): Promise<Exported> {
  const { plan, secrets } = await compileForOutput(path);
  const out = options.out ? resolve(options.out) : join(plan.dir, "charts");
  return { plan, secrets, folder: { ...writeFolder(out, emitHelm(plan), options), path: out } };
}
