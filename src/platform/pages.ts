import type { ClusterPlan } from "../compile/plan.ts";
import type { PartPage } from "../kit/part.ts";
import type { LockFile } from "./lock-file.ts";

/** The pages of a cluster that are really there: an image built here may lack what its upstream serves. */
export function servedPages(cluster: ClusterPlan, lock: LockFile): PartPage[] {
  return cluster.pages.filter(({ image }) => !image || !lock.images[image]?.lacks);
}
