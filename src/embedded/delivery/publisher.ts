/**
 * Keeps a cluster's ExternalArtifacts equal to the head of the fleet repo: at start, within a second of a push,
 * after the API server was away, and every 30 s in case somebody removed one. Level-triggered: each pass
 * compares what is wanted with what is there, so a missed event or a killed process costs time, never truth.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ClusterClient, connect } from "../../cluster/client.ts";
import { headOf } from "../../emit/git/fleet.ts";
import { git } from "../../emit/git/run.ts";
import { formatProblem, LandfallError, messageOf } from "../../util/errors.ts";
import type { ServiceContext, SupervisorService } from "../supervisor/service.ts";
import { type ArtifactServer, artifactServer } from "./artifact-server.ts";
import { type PublishResult, publish } from "./publish.ts";
import { nothingPublished, type Published, readPublished, writePublished } from "./published.ts";
import { watchBranch } from "./ref-watch.ts";
import { makeWaker, type Waker } from "./waker.ts";

export interface FleetPublisherOptions {
  /** Folder of the fleet's bare repository; may be made later. */
  repo: string;
  /** The cluster's name in the fleet repo. */
  cluster: string;
  /** @default "main" */
  branch?: string;
  /** Where the ExternalArtifacts live. @default "flux-system" */
  namespace?: string;
  /** Port of the artifact server at the cluster's `hostIp`. @default a free one, kept over restarts */
  port?: number;
}

export interface FleetPublisher extends SupervisorService {
  /** What is published and what went wrong, as in `published.json`. */
  status(): Published;
}

const reassertMs = 30_000;
const maxBackoffMs = 2_000;

/** The supervisor's service that publishes a local fleet repo to its cluster. */
export function fleetPublisher(options: FleetPublisherOptions): FleetPublisher {
  let life: Life | undefined;
  return {
    name: "fleet-publisher",
    start: async (cx) => {
      await life?.end();
      life = await beginLife(options, cx);
    },
    stop: async () => {
      await life?.end();
      life = undefined;
    },
    status: () => life?.state.published ?? nothingPublished,
  };
}

interface Life {
  state: State;
  end(): Promise<void>;
}

/** All that one life of the service knows. */
interface State {
  options: FleetPublisherOptions;
  cx: ServiceContext;
  store: string;
  file: string;
  server: ArtifactServer;
  published: Published;
  client: ClusterClient | undefined;
  failures: number;
  ended: boolean;
}

async function beginLife(options: FleetPublisherOptions, cx: ServiceContext): Promise<Life> {
  const store = join(cx.cluster.folder, "artifacts");
  const file = join(cx.cluster.folder, "published.json");
  const published = readPublished(file);
  const server = await serve(store, cx.hostIp, options.port, published.port);
  const port = Number(new URL(server.url).port);
  const waker = makeWaker();
  const state: State = {
    ...{ options, cx, store, file, server, client: undefined, failures: 0, ended: false },
    published: { ...published, port },
  };
  const loop = run(state, waker);
  const end = async () => {
    state.ended = true;
    // Cuts requests that are under way, too.
    state.client?.close();
    waker.wake();
    await loop;
    await server.close();
  };
  cx.signal.addEventListener("abort", () => void end(), { once: true });
  return { state, end };
}

/** A port that the user names must be free; the one used last is only preferred. */
async function serve(store: string, address: string, named?: number, last?: number): Promise<ArtifactServer> {
  if (named !== undefined) return artifactServer({ store, address, port: named });
  if (last !== undefined) {
    const server = await artifactServer({ store, address, port: last }).catch(() => undefined);
    if (server) return server;
  }
  return artifactServer({ store, address, port: 0 });
}

async function run(state: State, waker: Waker): Promise<void> {
  const ready = state.cx.waitReady("kube-apiserver").then(
    () => true,
    () => false,
  );
  const stopped = waker.sleep(2 ** 31 - 1).then(() => false);
  if (!(await Promise.race([ready, stopped])) || state.ended) return;
  waker.wake();
  await stopped;
  let unwatch: (() => void) | undefined;
  while (!state.ended) {
    // Watch first, read then: a push in between is seen by one of the two.
    if (!unwatch && existsSync(state.options.repo)) {
      unwatch = watchBranch(state.options.repo, state.options.branch ?? "main", waker.wake);
    }
    const pause = await pass(state);
    if (!state.ended) await waker.sleep(unwatch ? pause : Math.min(pause, 500));
  }
  unwatch?.();
}

/** One pass; returns how long to sleep in milliseconds unless a push comes. Never throws. */
async function pass(state: State): Promise<number> {
  let head: string | undefined;
  try {
    const { repo, branch } = state.options;
    if (!existsSync(repo)) return reassertMs;
    head = await headOf(repo, branch);
    if (head === undefined) return reassertMs;
    const started = performance.now();
    const result = await publishCommit(state, head);
    const moved = state.published.commit !== head;
    record(state, head, result, performance.now() - started);
    state.failures = 0;
    if (moved) await tidy(repo);
    // A Kustomization that still names an unwanted artifact lets go of it within seconds.
    return result.waiting.length > 0 ? 500 : reassertMs;
  } catch (error) {
    if (state.ended) return 0;
    return failed(state, head, error);
  }
}

/** Commits arrive here for years without a `git push` that would pack them. Does nothing until it pays. */
async function tidy(repo: string): Promise<void> {
  await git(repo, ["gc", "--auto", "--quiet"]).catch(() => undefined);
}

function publishCommit(state: State, commit: string): Promise<PublishResult> {
  const { options, cx, store, server } = state;
  state.client ??= connect({ kubeconfig: cx.kubeconfig, timeoutMs: 10_000 });
  const { repo, cluster, namespace } = options;
  const to = { client: state.client, baseUrl: server.url, ...(namespace && { namespace }) };
  return publish({ repo, commit, cluster, store, ...to });
}

function record(state: State, commit: string, result: PublishResult, ms: number): void {
  const { written, removed, artifacts } = result;
  const { published, cx } = state;
  if (written.length + removed.length > 0) {
    const counts = `${written.length} written, ${removed.length} removed`;
    cx.log(`published ${commit.slice(0, 10)} in ${Math.round(ms)} ms: ${counts}`);
  }
  const { error, port } = published;
  if (published.commit === commit && !error && written.length + removed.length === 0) return;
  state.published = { commit, at: new Date().toISOString(), artifacts, ...(port && { port }) };
  writePublished(state.file, state.published);
}

/** Keep the error where `status` finds it and what is good where it is; returns the time to the next try. */
async function failed(state: State, head: string | undefined, error: unknown): Promise<number> {
  const text =
    error instanceof LandfallError ? error.problems.map(formatProblem).join("\n") : messageOf(error);
  if (text !== state.published.error?.text) {
    state.cx.log(`cannot publish ${head?.slice(0, 10) ?? "the fleet repo"}: ${text}`);
    state.published = {
      ...state.published,
      error: { commit: head ?? null, at: new Date().toISOString(), text },
    };
    try {
      writePublished(state.file, state.published);
    } catch (full) {
      state.cx.log(`cannot write ${state.file}: ${messageOf(full)}`);
    }
  }
  const damaged = error instanceof LandfallError && error.problems[0]?.code === "LF3002";
  if (damaged) return reassertLastGood(state, head);
  // The kubeconfig may have been written anew meanwhile.
  state.client?.close();
  state.client = undefined;
  return Math.min(maxBackoffMs, 100 * 2 ** Math.min(10, state.failures++));
}

/** While the head is damaged, the last good commit is what must stay on the cluster. */
async function reassertLastGood(state: State, head: string | undefined): Promise<number> {
  const good = state.published.commit;
  if (good !== null && good !== head) {
    await publishCommit(state, good).catch((error: unknown) => {
      state.cx.log(`cannot assert ${good.slice(0, 10)} again: ${messageOf(error)}`);
    });
  }
  return reassertMs;
}
