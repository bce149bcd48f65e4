import { join } from "node:path";
import type { ClusterClient } from "../cluster/client.ts";
import { compile } from "../compile/index.ts";
import type { ClusterPlan, Plan } from "../compile/plan.ts";
import { type Published, readPublished } from "../embedded/delivery/published.ts";
import { clusterStatus } from "../embedded/index.ts";
import type { ClusterStatus } from "../embedded/types.ts";
import { registry } from "../parts/index.ts";
import { listSecrets } from "../secrets/index.ts";
import { LandfallError, messageOf } from "../util/errors.ts";
import { clusterPath } from "../util/home.ts";
import { failedCanaries } from "./canaries.ts";
import { connectTo } from "./connect.ts";
import { embeddedName } from "./local-cluster.ts";
import { type LockedImage, type LockFile, readLock } from "./lock-file.ts";
import { type BundleHealth, bundleHealth, type PodsHealth, podsHealth } from "./observe.ts";
import { servedPages } from "./pages.ts";
import { isAnswer } from "./routes.ts";
import { type ScrapeHealth, scrapeHealth } from "./scrape-health.ts";
import { ask, isCurrent } from "./wait.ts";

/** One app or part: what Flux says of it and what its pods say. */
export interface UnitStatus extends BundleHealth {
  pods: Omit<PodsHealth, "owner"> | undefined;
}

export interface PageStatus {
  title: string;
  url: string;
  /** The HTTP status, or why there was none. */
  answer: number | string;
}

export interface ClusterReport {
  name: string;
  type: "local" | "kubernetes";
  healthy: boolean;
  /** The embedded cluster's own processes; absent for clusters elsewhere. */
  embedded: ClusterStatus | undefined;
  /** Why the cluster could not be asked. */
  unreachable: string | undefined;
  fleet: { published: string | undefined; error: string | undefined };
  units: UnitStatus[];
  pages: PageStatus[];
  scrapes: ScrapeHealth | undefined;
  /** What a reader of the rest should know. */
  notes: string[];
}

export interface StatusReport {
  company: string;
  healthy: boolean;
  clusters: ClusterReport[];
}

/** Everything `landfall status` shows: declared things beside what the clusters say of them. */
export async function status(path: string): Promise<StatusReport> {
  const plan = await compile(path, { registry });
  const clusters = await Promise.all(plan.clusters.map((cluster) => clusterReport(plan, cluster)));
  return { company: plan.company, healthy: clusters.every(({ healthy }) => healthy), clusters };
}

async function clusterReport(plan: Plan, cluster: ClusterPlan): Promise<ClusterReport> {
  const name = embeddedName(plan.company, cluster.name);
  const embedded = cluster.spec.type === "local" ? await clusterStatus(name) : undefined;
  const published = readPublished(join(clusterPath(name), "published.json"));
  const base = {
    name: cluster.name,
    type: cluster.spec.type,
    embedded,
    fleet: { published: published.commit ?? undefined, error: published.error?.text },
    notes: notes(plan, cluster, embedded),
  };
  const empty = { ...base, healthy: false, units: [], pages: [], scrapes: undefined };
  if (embedded && (embedded.state === "absent" || embedded.state === "stopped")) {
    return {
      ...empty,
      unreachable: `the cluster is ${embedded.state === "absent" ? "not there" : "stopped"}: run \`landfall up\``,
    };
  }
  try {
    const client = connectTo(cluster, embedded);
    try {
      const live = await liveReport(client, cluster, embedded, { lock: readLock(plan.dir), published });
      return { ...base, ...live, healthy: live.healthy && !published.error, unreachable: undefined };
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    return { ...empty, unreachable: error.problems[0]?.what ?? messageOf(error) };
  }
}

async function liveReport(
  client: ClusterClient,
  cluster: ClusterPlan,
  embedded: ClusterStatus | undefined,
  { lock, published }: { lock: LockFile; published: Published },
) {
  const simulated = embedded?.mode === "simulated";
  const [bundles, pods, failed, pages, scrapes] = await Promise.all([
    bundleHealth(client, cluster),
    podsHealth(client),
    failedCanaries(client),
    simulated ? [] : pageStatuses(cluster, embedded, lock),
    simulated ? undefined : scrapeHealth(client, cluster.metricsStoreUrl),
  ]);
  // Pods have the name their app's objects have, which is an older one where it was moved.
  const labels = new Map(cluster.apps.map(({ name, declared = name }) => [`app-${declared}`, name]));
  const units = bundles.map((bundle) => {
    const label = labels.get(bundle.name) ?? bundle.owner;
    return {
      ...bundle,
      ...outdated(bundle, published),
      ...(bundle.kind === "app" && failed.has(label) && takenBack),
      pods: pods.find(({ owner }) => owner === label && bundle.kind !== "root"),
    };
  });
  const healthy =
    (embedded === undefined || embedded.state === "running") &&
    units.every(({ ready, pods: p }) => ready && (p === undefined || p.ready === p.wanted)) &&
    pages.every(({ answer }) => isAnswer(answer)) &&
    (scrapes === undefined || scrapes.down.length === 0);
  return { healthy, units, pages, scrapes };
}

const takenBack = { ready: false, reason: "its new version failed its checks: the one before serves" };

/** A bundle may be ready with what was before: only what the fleet's head says counts. */
function outdated({ name, ready, revision }: BundleHealth, { artifacts }: Published): Partial<BundleHealth> {
  if (!ready || isCurrent(revision, artifacts[name])) return {};
  return { ready: false, reason: "the fleet's head is not applied yet" };
}

async function pageStatuses(
  cluster: ClusterPlan,
  embedded: ClusterStatus | undefined,
  lock: LockFile,
): Promise<PageStatus[]> {
  const port = embedded?.forwards.find(({ name }) => name === "http")?.host;
  if (port === undefined) return [];
  return Promise.all(
    servedPages(cluster, lock).map(async ({ title, host }) => ({
      title,
      url: cluster.facts.urlOf(host),
      answer: await ask(port, host),
    })),
  );
}

/** What is not as on any other cluster, and what will need a hand soon. */
function notes(plan: Plan, cluster: ClusterPlan, embedded: ClusterStatus | undefined): string[] {
  const lock = readLock(plan.dir);
  const images = embedded?.mode === "simulated" ? [] : cluster.images;
  const substituted = images.flatMap(({ ref }) => {
    const { substitution, lacks }: Partial<LockedImage> = lock.images[ref] ?? {};
    return [
      ...(substitution
        ? [`${ref} runs as version ${substitution.got}: the reference could not be pulled or built here`]
        : []),
      ...(lacks ? [`${ref} was built here without ${lacks}`] : []),
    ];
  });
  const due = listSecrets(plan.dir)
    .secrets.filter((secret) => secret.due)
    .map(({ name }) => `the secret ${name} is due: run \`landfall secret rotate ${name}\``);
  const local =
    embedded?.mode === "pods"
      ? ["network policies are not enforced on this cluster"]
      : embedded?.mode === "simulated"
        ? ["pods are SIMULATED: objects are applied for real, nothing runs in them"]
        : [];
  return [...local, ...substituted, ...due];
}
