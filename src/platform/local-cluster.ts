import { join } from "node:path";
import type { ClusterPlan, Plan } from "../compile/plan.ts";
import type { EmbeddedSpec } from "../embedded/types.ts";
import { fleetRepository } from "../emit/git/fleet.ts";
import { landfallHome } from "../util/home.ts";

/** The name of a declared cluster among all embedded clusters of this machine: `shop-local`. */
export function embeddedName(company: string, cluster: string): string {
  return `${company}-${cluster}`;
}

/** Where the fleet repo is: the Git host's URL, or a bare repository on this machine. */
export function fleetLocation({ company, fleet }: Pick<Plan, "company" | "fleet">): string {
  return fleet.url ?? join(landfallHome(), "fleets", `${company}.git`);
}

/** A local cluster of a plan with its declared ports. */
export type LocalClusterPlan = ClusterPlan & { spec: { type: "local" } };

/** The clusters of a plan that run on this machine. */
export function localClusters(plan: Plan): LocalClusterPlan[] {
  return plan.clusters.filter((cluster): cluster is LocalClusterPlan => cluster.spec.type === "local");
}

export interface UpOptions {
  /** @default auto */
  mode: "auto" | "pods" | "simulated";
  /** Tests only: etcd does not wait for the disk. @default false */
  unsafeNoFsync?: boolean;
  /** Paths of programs the user names, by program name. */
  binaries?: Record<string, string>;
}

/** What the embedded cluster is asked for. */
export function embeddedSpec(plan: Plan, cluster: LocalClusterPlan, options: UpOptions): EmbeddedSpec {
  const { api = 0, http, https } = cluster.spec.ports;
  return {
    name: embeddedName(plan.company, cluster.name),
    kubernetes: plan.kubernetes,
    mode: options.mode,
    ports: { api, http, https },
    fleet: { repo: fleetRepository(fleetLocation(plan)), cluster: cluster.name, branch: plan.fleet.branch },
    ...(options.unsafeNoFsync && { unsafeNoFsync: true }),
    ...(options.binaries && { binaries: options.binaries }),
  };
}
