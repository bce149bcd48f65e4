import { request } from "node:http";
import { join } from "node:path";
import { type ClusterClient, connect } from "../cluster/client.ts";
import { routePort } from "../compile/app-routes.ts";
import type { ClusterPlan, Plan } from "../compile/plan.ts";
import { readPublished } from "../embedded/delivery/published.ts";
import type { ClusterState } from "../embedded/types.ts";
import { failure, LandfallError, messageOf, problem } from "../util/errors.ts";
import { canaryStarts } from "./canaries.ts";
import { type BundleHealth, bundleHealth, type PodsHealth, podsHealth } from "./observe.ts";
import { acceptedHosts, isAnswer } from "./routes.ts";

interface Waiting {
  plan: Plan;
  name: string;
  state: ClusterState;
  commit?: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

const limitMs = 8 * 60_000;
const pauseMs = 400;

function clusterPlan({ plan, name }: Waiting): ClusterPlan {
  const found = plan.clusters.find((cluster) => cluster.name === name);
  if (!found) throw new Error(`the plan has no cluster ${name}`);
  return found;
}

/** Call `look` until it is done, telling how far it is; what is still missing at the limit becomes the error. */
async function until(
  waiting: Waiting,
  look: () => Promise<{ done: true; text: string } | { done: false; text: string; missing: string[] }>,
  what: string,
): Promise<string> {
  const end = performance.now() + limitMs;
  for (;;) {
    waiting.signal.throwIfAborted();
    const seen = await look();
    if (seen.done) return seen.text;
    waiting.say(seen.text);
    if (performance.now() > end) {
      throw failure("LF4009", {
        what,
        why: seen.missing.join("; "),
        fix: "run `landfall status` to see each, and `landfall up` again once it is mended",
      });
    }
    await new Promise((done) => setTimeout(done, pauseMs));
  }
}

/** Wait until the commit is published and everything it declares is applied and healthy. */
export async function waitForPlatform(waiting: Waiting): Promise<string> {
  const plan = clusterPlan(waiting);
  const client = connect({ kubeconfig: waiting.state.kubeconfig });
  try {
    return await until(
      waiting,
      () => look(client, plan, waiting),
      `${waiting.name} did not become healthy in time`,
    );
  } finally {
    client.close();
  }
}

async function look(client: ClusterClient, plan: ClusterPlan, { commit, state }: Waiting) {
  const published = readPublished(join(state.folder, "published.json"));
  if (commit && published.commit !== commit) {
    const waits = "the commit is being published";
    const reason = published.error?.text ?? waits;
    // A cluster that does not answer or serve the kind yet is what a start begins with.
    const text = /\bLF600[12]\b/.test(reason) ? waits : (reason.split("\n")[0] ?? waits);
    return { done: false as const, text, missing: [reason] };
  }
  const bundles = await orAnswerless(() => bundleHealth(client, plan));
  const missing = bundles.filter(
    ({ ready, revision, name }) => !ready || !isCurrent(revision, published.artifacts[name]),
  );
  const count = `${bundles.length - missing.length}/${bundles.length} ready`;
  if (missing.length === 0 && bundles.length > 0) return { done: true as const, text: `${count}` };
  const pods = await podsHealth(client).catch(() => []);
  await refuseHopeless(client, missing, pods);
  const reasons = whyMissing(missing, pods);
  return { done: false as const, text: [count, ...reasons.slice(0, 2)].join(" · "), missing: reasons };
}

/** A Kustomization may be ready with what was before; only the published content counts. */
export function isCurrent(revision: string | undefined, published: string | undefined): boolean {
  return published === undefined || revision === published;
}

/** While the API server restarts nothing is known; that is no failure yet. */
async function orAnswerless(ask: () => Promise<BundleHealth[]>): Promise<BundleHealth[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LandfallError) return [];
    throw error;
  }
}

function whyMissing(missing: BundleHealth[], pods: PodsHealth[]): string[] {
  return missing.map(({ owner, reason, kind }) => {
    const pod = unready(pods, owner);
    return `${kind === "root" ? "fleet" : owner}: ${pod?.reason ?? reason ?? "applying"}`;
  });
}

function unready(pods: PodsHealth[], owner: string): PodsHealth | undefined {
  return pods.find((pod) => pod.owner === owner && pod.ready < pod.wanted);
}

/** So many starts in vain, and waiting longer will not help. */
const hopelessRestarts = 4;

/** Give up early when all that is missing keeps crashing; the error carries each one's last words. */
async function refuseHopeless(
  client: ClusterClient,
  missing: BundleHealth[],
  pods: PodsHealth[],
): Promise<void> {
  const crashing = missing.map(({ owner }) => unready(pods, owner));
  if (
    !crashing.every((pod) => pod?.reason?.startsWith("CrashLoopBackOff") && pod.restarts >= hopelessRestarts)
  )
    return;
  const problems = await Promise.all(
    crashing
      .flatMap((pod) => (pod ? [pod] : []))
      .map(async ({ owner, namespace, waiting = "", restarts }) => {
        const logs = await client.logs({ namespace, name: waiting }, { tail: 5 }).catch(() => "");
        return problem("LF4009", {
          what: `${owner} does not stay up: ${restarts} restarts`,
          why: logs.trim().split("\n").slice(-3).join(" | ") || "it logs nothing",
          fix: `correct ${owner} and run the command again`,
        });
      }),
  );
  throw new LandfallError(problems);
}

/** Wait until the gateway has accepted every exposed app's routes, and those that speak HTTP answer on loopback. */
export async function waitForGateway(waiting: Waiting): Promise<string> {
  const plan = clusterPlan(waiting);
  const port = waiting.state.forwards.find(({ name }) => name === "http")?.host;
  const hosts = plan.apps.flatMap((app) =>
    app.spec.expose.map((route) => ({ ...route, grpc: routePort(app, route.port)?.protocol === "grpc" })),
  );
  if (waiting.state.mode === "simulated") return "not asked: pods are simulated";
  if (!port || hosts.length === 0) return "nothing is exposed";
  const client = connect({ kubeconfig: waiting.state.kubeconfig });
  const settled = settling();
  const look = async () => {
    const accepted = await acceptedHosts(client);
    const starting = hosts.every(({ host }) => accepted.has(host)) ? undefined : await canaryStarts(client);
    const answers = await Promise.all(
      hosts.map(async ({ host, path, grpc }) => {
        if (!accepted.has(host)) {
          const says = starting?.get(host) ?? "no gateway has accepted its route yet";
          return { host, well: false, says };
        }
        if (grpc) return { host, well: true, says: "accepted" };
        const answer = await ask(port, host, path);
        return { host, well: isAnswer(answer) && settled(host + path, answer), says: `answers ${answer}` };
      }),
    );
    const missing = answers.filter(({ well }) => !well).map(({ host, says }) => `${host}: ${says}`);
    if (missing.length > 0) return { done: false as const, text: missing.join(" · "), missing };
    return {
      done: true as const,
      text: answers.map(({ host, says }) => `${plan.facts.urlOf(host)} ${says}`).join(", "),
    };
  };
  try {
    return await until(waiting, look, `the gateway of ${waiting.name} does not answer`);
  } finally {
    client.close();
  }
}

/**
 * Whether an answer may be the app's own. A gateway that has accepted a route and not loaded it yet answers 404 for a
 * moment; one that stays is the app's.
 */
function settling() {
  const since = new Map<string, number>();
  return (page: string, answer: number | string): boolean => {
    if (answer !== 404) return true;
    if (!since.has(page)) since.set(page, Date.now());
    return Date.now() - (since.get(page) ?? 0) >= 3000;
  };
}

/** The status of a GET through the gateway, or why there was none. */
export function ask(port: number, host: string, path = "/"): Promise<number | string> {
  return new Promise((done) => {
    const call = request(
      { host: "127.0.0.1", port, path, headers: { host, connection: "close" }, timeout: 3000 },
      (answer) => {
        answer.resume();
        done(answer.statusCode ?? 0);
      },
    );
    call.on("timeout", () => call.destroy(new Error("no answer within 3 s")));
    call.on("error", (error) => done(messageOf(error)));
    call.end();
  });
}
