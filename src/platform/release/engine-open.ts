import { compile } from "../../compile/index.ts";
import type { Plan } from "../../compile/plan.ts";
import { registry } from "../../parts/index.ts";
import { declaredClusters } from "./engine-clusters.ts";
import { type Clusters, reachClusters } from "./observe.ts";
import { openReleaseFleet, type ReleaseFleet } from "./store.ts";

/** What every command on releases works with. */
export interface OpenReleases {
  company: string;
  /** The declaration's folder. */
  dir: string;
  fleet: ReleaseFleet;
  clusters: Clusters;
}

/** The fleet and the clusters of the declaration at `path`. Errors: those of compiling, LF3001, LF3002. */
export async function openReleases(path: string): Promise<OpenReleases> {
  return openPlan(await compile(path, { registry }));
}

/** The same of a declaration that is compiled already. */
async function openPlan(plan: Plan): Promise<OpenReleases> {
  const fleet = await openReleaseFleet(plan);
  return { company: plan.company, dir: plan.dir, fleet, clusters: reachClusters(declaredClusters(plan)) };
}
