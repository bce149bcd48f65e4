/**
 * The fleet repo for a company that goes on without landfall: every file as `build` writes it but the README, and
 * beside them what landfall did itself.
 *
 *     README.md                     how to start, edit and delete, in plain words
 *     clusters/<cluster>/order.txt  what to apply first, where nothing but kubectl is at hand
 *     git/<cluster>/                Flux's sources, for clusters that landfall handed the commits to
 *     .sops.yaml                    who new secrets are encrypted for
 */
import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import { dnsPath } from "../../dns/declared.ts";
import { emitFleet } from "../flux/index.ts";
import { variantsOf } from "../flux/variants.ts";
import { applyOrder } from "./apply-order.ts";
import { gitHostFiles, isHosted } from "./git-host.ts";
import { ejectReadme } from "./readme.ts";

export interface EjectOptions {
  /** Where Flux reads the repo from, where the declaration does not say it. */
  url: string;
  /** The same company as if all its clusters read a Git host; without apps. */
  hosted: Plan;
  /** SOPS's own config of the declaration. */
  sopsConfig: string | undefined;
}

/** The files `build` writes but its README, and those that come with leaving, by path. */
export function emitEjected(
  plan: Plan,
  options: EjectOptions,
): { built: Map<string, string>; added: Map<string, string> } {
  const built = emitFleet(plan);
  built.delete("README.md");
  // Only landfall reads it.
  built.delete(dnsPath);
  const added = new Map([["README.md", ejectReadme(plan, built, options.url)]]);
  if (options.sopsConfig !== undefined) added.set(".sops.yaml", options.sopsConfig);
  const variants = variantsOf(plan);
  for (const cluster of plan.clusters) {
    added.set(`clusters/${cluster.name}/order.txt`, `${applyOrder(cluster, built).join("\n")}\n`);
    if (isHosted(plan, cluster)) continue;
    const hosted = options.hosted.clusters.find(({ name }) => name === cluster.name) as ClusterPlan;
    for (const [path, text] of gitHostFiles({
      plan,
      cluster,
      hosted,
      url: options.url,
      variants,
      files: built,
    }))
      added.set(`git/${cluster.name}/${path}`, text);
  }
  return { built, added };
}
