/** The engine on a hub: by settings instead of the declaration, which the hub has not. The part `release-engine` writes them. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { type ClusterClient, connect } from "../../cluster/client.ts";
import { headOf } from "../../emit/git/fleet.ts";
import { git } from "../../emit/git/run.ts";
import { failure, messageOf } from "../../util/errors.ts";
import { type DnsSource, dnsInFleet } from "../dns/source.ts";
import type { LeaseOptions } from "../lease.ts";
import type { OpenReleases } from "./engine-open.ts";
import { type ReachableCluster, reachClusters } from "./observe.ts";
import { openReleaseFleet, type ReleaseFleet } from "./store.ts";

const path = z.string().min(1);

const hubSchema = z.strictObject({
  company: path,
  fleet: z.strictObject({ url: path, branch: path }),
  /** The cluster that the engine itself runs on. */
  cluster: path,
  /** Kubeconfigs: of that cluster, and of all others with a context named as each of them. */
  kubeconfig: z.strictObject({ own: path, others: path.optional() }),
  /** What is alike on every cluster: Flux' namespace, and where metrics and alerts are, as seen from inside. */
  observed: z.strictObject({
    namespace: path,
    metricsUrl: z.url().optional(),
    alertsUrl: z.url().optional(),
  }),
  lease: z.strictObject({ namespace: path, name: path }),
  /** Of /healthz and /metrics. */
  port: z.int().min(0).max(65535),
});

export type HubSettings = z.output<typeof hubSchema>;

export interface Hub extends OpenReleases {
  lease: Pick<LeaseOptions, "namespace" | "name" | "identity"> & { client: ClusterClient };
  /** Names that clusters share, where the fleet has some. */
  dns: DnsSource;
  port: number;
}

/** Open fleet and clusters by a settings file. Errors: LF1001 and LF1003 for the file, LF3001, LF3002, LF6001. */
export async function openHub(file: string): Promise<Hub> {
  const settings = readSettings(file);
  const fleet = await openReleaseFleet({
    company: settings.company,
    fleet: { ...settings.fleet, path: "", secret: undefined },
  });
  const names = await clustersOf(fleet, settings.cluster);
  // A cluster that comes later is reached when a release first names it.
  const later = (name: string) => reachable(name, settings);
  const reach = (some: readonly string[]) => reachClusters(some.map(later), { later });
  const { company } = settings;
  return {
    company,
    dir: "",
    fleet,
    clusters: reach(names),
    dns: { company, read: () => dnsInFleet(fleet), otherwise: undefined, reach },
    lease: {
      ...settings.lease,
      client: connect({ kubeconfig: settings.kubeconfig.own, timeoutMs: 5000 }),
      identity: hostname(),
    },
    port: settings.port,
  };
}

function readSettings(file: string): HubSettings {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const fix = "name the settings that the part release-engine writes";
    throw failure("LF1001", { what: `${file} cannot be read`, why: messageOf(error), fix }, error);
  }
  const parsed = hubSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw failure("LF1003", {
    what: `${file} are no settings of a release engine`,
    why: `${first?.path.join(".") ?? ""}: ${first?.message}`,
    fix: "let the part release-engine of this very version write them",
  });
}

/** Every cluster that the fleet has a folder for; the own one also before that. */
async function clustersOf({ repo, branch }: ReleaseFleet, own: string): Promise<string[]> {
  const head = await headOf(repo, branch);
  if (head === undefined) return [own];
  const { stdout } = await git(repo, ["ls-tree", "-z", "--name-only", head, "clusters/"]);
  const names = stdout.toString("utf8").split("\0").filter(Boolean);
  return [...new Set([own, ...names.map((name) => name.slice("clusters/".length))])];
}

function reachable(name: string, { cluster, kubeconfig, observed }: HubSettings): ReachableCluster {
  return {
    name,
    namespace: observed.namespace,
    metricsUrl: observed.metricsUrl,
    alertsUrl: observed.alertsUrl,
    connect: () => {
      if (name === cluster) return connect({ kubeconfig: kubeconfig.own, timeoutMs: 5000 });
      if (kubeconfig.others === undefined) throw noWay(name);
      return connect({ kubeconfig: kubeconfig.others, context: name, timeoutMs: 5000 });
    },
  };
}

function noWay(name: string) {
  return failure("LF6001", {
    what: `the engine knows no way to ${name}`,
    why: "it has no kubeconfig for clusters other than its own",
    fix: `put one with a context ${name} into a Secret, and name it: release-engine's option kubeconfig`,
  });
}
