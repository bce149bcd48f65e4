import type { BundleSeen, ClusterSeen, GateSeen } from "../observed.ts";
import type { GateQuestion } from "../questions.ts";
import { type BundleState, isServing } from "./cluster-state.ts";
import { templateOf } from "./versions.ts";
import type { EngineState, World } from "./world.ts";

/** How old a status may be that an engine is shown again. */
const oldest = 5000;

/** What an engine gets to see of a cluster; nothing when the message is lost. */
export function lookAt(world: World, engine: EngineState, name: string): ClusterSeen | undefined {
  const { random, setting, calm } = world;
  const cluster = world.clusters.get(name);
  const faulty = setting.faults.staleViews && !calm;
  if (!cluster || (faulty && random.oneIn(10))) return undefined;
  if (!cluster.answers) return { reachable: false, answeredAt: engine.answeredAt.get(name), bundles: {} };
  const old = world.old.get(name);
  if (faulty && old && world.now - old.at < oldest && random.oneIn(3)) return seenAs(engine, name, old);
  for (const own of cluster.bundles) if (isServing(own, own.target)) own.served[own.target] = world.now;
  const fresh = {
    at: world.now,
    bundles: Object.fromEntries(cluster.bundles.map((own) => [own.bundle, { ...own }])),
  };
  if (setting.faults.staleViews) world.old.set(name, fresh);
  return seenAs(engine, name, fresh);
}

function seenAs(
  engine: EngineState,
  name: string,
  { at, bundles }: { at: number; bundles: Record<string, BundleState> },
): ClusterSeen {
  const answeredAt = at + engine.skew;
  engine.answeredAt.set(name, answeredAt);
  const seen: Record<string, BundleSeen> = {};
  for (const own of Object.values(bundles)) seen[own.bundle] = seenBundle(own);
  return { reachable: true, answeredAt, bundles: seen };
}

/** As the observer tells it: Flagger's word about another template than the target's is left out. */
function seenBundle(own: BundleState): BundleSeen {
  const { attempted, applied, ready, failure, bundle, target, primary, finished, stuck, phase, weight } = own;
  const canary = { phase, weight, failedChecks: phase === "Failed" ? 3 : 0 };
  const workload = {
    kind: "Deployment",
    namespace: "shop",
    name: bundle,
    template: templateOf(bundle, primary),
    asked: templateOf(bundle, target),
    finished: finished && (own.canary || primary === target),
    failure: stuck,
    lines: stuck ? [stuck] : [],
    canary: own.canary && own.about === target ? canary : undefined,
  };
  return { attempted, applied, ready, failure, workloads: own.gone ? [] : [workload] };
}

/** Ask a gate; what is really answered goes to the ledger, by the step it was asked at. */
export function ask(world: World, question: GateQuestion): GateSeen[] {
  const { release, wave, gate, step, clusters } = question;
  const of = gate.type === "http" ? [undefined] : clusters;
  return of.flatMap((cluster) => {
    const result = cluster === undefined ? outside(world) : metric(world, question, cluster);
    // Some answers get lost on their way.
    const lost = world.setting.faults.staleViews && !world.calm && world.random.oneIn(3);
    if (result === undefined || lost) return [];
    const key = ledgerKey(release, wave, gate.id, step, cluster);
    const known = world.ledger.get(key);
    if (known) known.add(result);
    else world.ledger.set(key, new Set([result]));
    return [
      {
        release,
        wave,
        gate: gate.id,
        step,
        result,
        cluster,
        query: undefined,
        value: undefined,
        limit: undefined,
      },
    ];
  });
}

export function ledgerKey(
  release: string,
  wave: number,
  gate: string,
  step: number,
  cluster: string | undefined,
): string {
  return `${release}|${wave}|${gate}|${step}|${cluster ?? ""}`;
}

function outside({ random, calm }: World): GateSeen["result"] {
  if (calm) return "holds";
  return random.oneIn(40) ? "fails" : random.oneIn(3) ? "waits" : "holds";
}

function metric(world: World, { release }: GateQuestion, name: string): GateSeen["result"] | undefined {
  const { random, calm } = world;
  const cluster = world.clusters.get(name);
  if (!cluster?.answers) return undefined;
  const moved = world.fleet.head.releases.find(({ id }) => id === release)?.moves ?? [];
  const own = cluster.bundles.filter(({ bundle }) => moved.some((move) => move.bundle === bundle));
  const hurts = own.some(({ bundle, target }) => world.bad.get(`${bundle}:${target}`)?.kind === "metric");
  if (hurts && (calm || !random.oneIn(3))) return "fails";
  return !calm && random.oneIn(6) ? "waits" : "holds";
}
