/**
 * `landfall up`: from a declaration to a cluster that answers. A flat list of tasks; each looks at what is there
 * and does what is missing, so that a second run repairs whatever a first one left behind.
 */
import type { HandOverStep } from "../changes/types.ts";
import type { Plan } from "../compile/plan.ts";
import { chooseMode } from "../embedded/choose.ts";
import { startCluster } from "../embedded/index.ts";
import { requireSpace } from "../embedded/machine/disk.ts";
import type { ClusterState, Mode } from "../embedded/types.ts";
import { counted } from "../util/counted.ts";
import { failure } from "../util/errors.ts";
import { landfallHome } from "../util/home.ts";
import { bootstrapCluster } from "./bootstrap.ts";
import { commitFleet, compileForOutput } from "./build.ts";
import { clusterMode } from "./cluster-mode.ts";
import { finishSteps } from "./deliver.ts";
import { hostProcesses, knownProcesses } from "./host-processes.ts";
import { buildImages, type ImageResult, preparePrograms, pushImages } from "./images.ts";
import { embeddedName, embeddedSpec, localClusters, type UpOptions } from "./local-cluster.ts";
import { heldProblems } from "./release/hold.ts";
import type { Task } from "./task.ts";
import { waitForGateway, waitForPlatform } from "./wait.ts";

/** What the tasks of one run share. */
export interface UpContext {
  path: string;
  options: UpOptions;
  signal: AbortSignal;
  /** Filled by the tasks, in their order. */
  plan?: Plan;
  images?: ImageResult[];
  states?: Map<string, ClusterState>;
  commit?: string;
  /** What changes owners and waits for the clusters. */
  steps?: HandOverStep[];
}

/** The tasks of `up` in their order. */
export const upTasks: Task<UpContext>[] = [
  { id: "declaration", title: "Declaration", run: declaration },
  { id: "programs", title: "Programs", run: programs },
  { id: "cluster", title: "Cluster", run: startClusters },
  { id: "images", title: "Images", run: images },
  { id: "delivery", title: "Delivery", run: delivery },
  {
    id: "platform",
    title: "Platform",
    run: platform,
  },
  {
    id: "gateway",
    title: "Gateway",
    run: (cx, say) =>
      eachCluster(cx, (name, state) => waitForGateway({ ...cx, name, state, say, plan: planOf(cx) })),
  },
];

async function platform(cx: UpContext, say: (line: string) => void): Promise<string> {
  const plan = planOf(cx);
  const healthy = () => eachCluster(cx, (name, state) => waitForPlatform({ ...cx, name, state, say, plan }));
  const text = await healthy();
  const { commit = "", steps = [] } = cx;
  if (steps.length === 0) return text;
  Object.assign(cx, await finishSteps(plan, fleetMessage, { commit, steps }, { say, signal: cx.signal }));
  return healthy();
}

const fleetMessage = "chore(fleet): build from the declaration";

/** Caches, images and the cluster's first data need at least this much. */
const leastSpace = 1024 ** 3;

function programs(cx: UpContext, say: (line: string) => void): Promise<string> {
  requireSpace(landfallHome(), leastSpace, "programs, images and the cluster");
  return preparePrograms(planOf(cx), {
    say,
    signal: cx.signal,
    binaries: cx.options.binaries,
    modes: modesOf(cx),
  });
}

function planOf(cx: UpContext): Plan {
  if (!cx.plan) throw new Error("the declaration task has not run");
  return cx.plan;
}

function modesOf(cx: UpContext): Mode[] {
  const plan = planOf(cx);
  const names = localClusters(plan).map(({ name }) => embeddedName(plan.company, name));
  return names.map((name) => clusterMode(name, cx.options.mode).mode);
}

async function eachCluster(
  cx: UpContext,
  run: (name: string, state: ClusterState) => Promise<string>,
): Promise<string> {
  const results: string[] = [];
  for (const [name, state] of cx.states ?? []) results.push(await run(name, state));
  return results.join(" · ");
}

async function declaration(cx: UpContext, say: (line: string) => void): Promise<string> {
  const { plan, secrets } = await compileForOutput(cx.path);
  if (localClusters(plan).length === 0) {
    throw failure("LF1006", {
      what: "the declaration has no local cluster",
      why: "`up` brings up clusters of this machine; others are reached through the fleet repo",
      fix: "add localCluster(…), or use `landfall build --commit`",
    });
  }
  if (secrets.identity)
    say(`new age identity ${secrets.identity}: back it up, it alone decrypts the secrets`);
  cx.plan = plan;
  const local = localClusters(plan);
  const apps = new Set(local.flatMap((cluster) => cluster.apps.map(({ name }) => name)));
  const parts = new Set(local.flatMap((cluster) => cluster.parts));
  const counts = [
    counted(apps.size, "app"),
    counted(parts.size, "part"),
    counted(local.length, "local cluster"),
  ];
  if (secrets.names.length > 0) counts.push(`${counted(secrets.names.length, "secret")} generated`);
  return `${plan.company}: ${counts.join(", ")}`;
}

async function startClusters(cx: UpContext, say: (line: string) => void): Promise<string> {
  const plan = planOf(cx);
  const states = new Map<string, ClusterState>();
  const reasons: string[] = [];
  for (const cluster of localClusters(plan)) {
    const asked = embeddedSpec(plan, cluster, cx.options);
    const { mode, reason } = clusterMode(asked.name, asked.mode);
    if (reason) reasons.push(reason);
    const spec = {
      ...asked,
      // Only where it would become another than it was: a changed spec starts a running cluster anew.
      ...(mode !== chooseMode(asked).mode && { mode }),
      ...(mode === "simulated" && { processes: await knownProcesses(asked.name) }),
    };
    const state = await startCluster(spec, { onEvent: (event) => say(event.text), signal: cx.signal });
    states.set(cluster.name, state);
  }
  cx.states = states;
  const simulated = [...states.values()].some(({ mode }) => mode === "simulated");
  const names = [...states.keys()].map((name) => embeddedName(plan.company, name)).join(", ");
  return simulated
    ? `${names}: node Ready; pods are SIMULATED, nothing runs in them (${[...new Set(reasons)].join("; ")})`
    : `${names}: node Ready`;
}

async function images(cx: UpContext, say: (line: string) => void): Promise<string> {
  const plan = planOf(cx);
  const real = [...(cx.states ?? [])].filter(([, { mode }]) => mode === "pods");
  if (real.length === 0) return "not needed: pods are simulated";
  cx.images = await buildImages(plan, { say, signal: cx.signal, binaries: cx.options.binaries });
  for (const [, state] of real) await pushImages(cx.images, state, { say, signal: cx.signal });
  const built = cx.images.filter(({ origin }) => origin === "built").length;
  const other = cx.images.filter(({ substitution }) => substitution).length;
  const pulled = cx.images.length - built;
  return [
    `${built} built`,
    pulled > 0 && `${pulled} pulled`,
    other > 0 && `${other} in another version (see status)`,
  ]
    .filter(Boolean)
    .join(", ");
}

async function delivery(cx: UpContext, say: (line: string) => void): Promise<string> {
  const plan = planOf(cx);
  const { commit, steps, held } = await commitFleet(plan, fleetMessage);
  Object.assign(cx, { commit, steps });
  for (const { what, why } of heldProblems(held)) say(`${what}: ${why}`);
  for (const cluster of localClusters(plan)) {
    const state = cx.states?.get(cluster.name);
    if (!state) continue;
    await bootstrapCluster({ plan, cluster, state, say });
    if (state.mode === "simulated") {
      const processes = await hostProcesses(cluster, state, { ...cx, say });
      await startCluster(
        { ...state.spec, processes },
        { onEvent: (event) => say(event.text), signal: cx.signal },
      );
    }
  }
  return `fleet at ${commit.slice(0, 8)}`;
}
