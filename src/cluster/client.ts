import type { KubernetesObject } from "../schema/object.ts";
import { isAbsent, refused } from "./errors.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { followLogs, readLogs } from "./logs.ts";
import { type Address, discovery, pathOf } from "./resources.ts";
import { openTransport, type Request, type Response } from "./transport.ts";
import type {
  ApplyOptions,
  Gvk,
  ListOptions,
  LiveObject,
  LogOptions,
  PatchOptions,
  PodRef,
  WatchEvent,
} from "./types.ts";
import { watchObjects } from "./watch.ts";

/** A live cluster. Every call throws LF6001 when it does not answer and LF6002 when it refuses. */
export interface ClusterClient {
  /** The API server's address. */
  server: string;
  /** One object, or undefined when it is not there. A kind that is not served is an LF6002. */
  get(gvk: Gvk, name: string, namespace?: string): Promise<LiveObject | undefined>;
  list(gvk: Gvk, options?: ListOptions): Promise<LiveObject[]>;
  /** Server-side apply. */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<LiveObject>;
  /** Server-side apply of the status subresource. */
  applyStatus(object: KubernetesObject, options?: ApplyOptions): Promise<LiveObject>;
  /** What `apply` would make, after defaulting, validation and admission; nothing is stored. */
  dryRun(object: KubernetesObject, options?: ApplyOptions): Promise<LiveObject>;
  patch(
    gvk: Gvk,
    at: { name: string; namespace?: string },
    body: unknown,
    options?: PatchOptions,
  ): Promise<LiveObject>;
  /** Delete in the background; false when it was not there. With `uid`, only that very object. */
  remove(gvk: Gvk, name: string, namespace?: string, options?: { uid?: string }): Promise<boolean>;
  /** List and follow until the signal aborts, across broken connections. */
  watch(
    gvk: Gvk,
    options: ListOptions,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** GET of any path (`/readyz`, `/version`, a Service's proxy), or POST of a JSON body; any status is an answer. */
  raw(path: string, options?: { timeoutMs?: number; body?: unknown }): Promise<Response>;
  logs(pod: PodRef, options?: LogOptions): Promise<string>;
  followLogs(
    pod: PodRef,
    options: LogOptions,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Close kept connections, so that the process can end. */
  close(): void;
}

export interface ConnectOptions {
  /** Path of a kubeconfig. */
  kubeconfig: string;
  /** @default the kubeconfig's current context */
  context?: string;
  /** Limit of each call in milliseconds. @default 30000 */
  timeoutMs?: number;
}

const patchTypes = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
} as const;

/** Open a client for a kubeconfig's context. Reads the file at once (LF6001), connects with the first call. */
export function connect(options: ConnectOptions): ClusterClient {
  const transport = openTransport(readKubeconfig(options.kubeconfig, options.context));
  const discover = discovery(transport);
  const timeoutMs = options.timeoutMs ?? 30_000;

  const call = async (doing: string, gvk: Gvk, at: Address, request: Omit<Request, "path">) => {
    const path = pathOf(gvk, await discover(gvk), at);
    const { status, text } = await transport.send({ timeoutMs, ...request, path });
    if (status < 200 || status > 299) throw refused(`${doing} ${nameOf(gvk, at)}`, status, text);
    return JSON.parse(text) as LiveObject;
  };

  const apply = (
    object: KubernetesObject,
    { fieldManager = "landfall", force = false }: ApplyOptions = {},
    extra: { subresource?: string; dryRun?: "All" } = {},
  ) => {
    const { name, namespace } = object.metadata;
    const query = { fieldManager, force, fieldValidation: "Strict", dryRun: extra.dryRun };
    const at = { name, namespace, subresource: extra.subresource, query };
    const doing = extra.dryRun ? "accept" : extra.subresource ? `apply the ${extra.subresource} of` : "apply";
    const contentType = "application/apply-patch+yaml";
    return call(doing, object, at, { method: "PATCH", body: object, contentType });
  };

  return {
    server: transport.access.server,
    get: async (gvk, name, namespace) => {
      return orAbsent(name, call("read", gvk, { name, namespace }, { method: "GET" }));
    },
    list: async (gvk, { namespace, labelSelector, fieldSelector } = {}) => {
      const at = { namespace, query: { labelSelector, fieldSelector } };
      const answer = (await call("list", gvk, at, { method: "GET" })) as unknown as {
        items: LiveObject[] | null;
      };
      // Lists leave apiVersion and kind out of their items.
      return (answer.items ?? []).map((item) => ({ ...item, apiVersion: gvk.apiVersion, kind: gvk.kind }));
    },
    apply: (object, how) => apply(object, how),
    applyStatus: (object, how) => apply(object, how, { subresource: "status" }),
    dryRun: (object, how) => apply(object, how, { dryRun: "All" }),
    patch: (
      gvk,
      { name, namespace },
      body,
      { type = "merge", subresource, fieldManager = "landfall" } = {},
    ) => {
      const at = { name, namespace, subresource, query: { fieldManager } };
      return call("patch", gvk, at, { method: "PATCH", body, contentType: patchTypes[type] });
    },
    remove: async (gvk, name, namespace, { uid } = {}) => {
      const body = { propagationPolicy: "Background", ...(uid && { preconditions: { uid } }) };
      return (
        (await orAbsent(name, call("delete", gvk, { name, namespace }, { method: "DELETE", body }))) !==
        undefined
      );
    },
    watch: (gvk, how, onEvent, signal) =>
      watchObjects({ transport, discover, gvk, options: how, onEvent, signal }),
    raw: (path, how = {}) =>
      transport.send({ method: how.body === undefined ? "GET" : "POST", path, timeoutMs, ...how }),
    logs: (pod, how = {}) => readLogs(transport, pod, how),
    followLogs: (pod, how, onLine, signal) => followLogs(transport, pod, how, onLine, signal),
    close: () => transport.close(),
  };
}

async function orAbsent<T>(name: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(error, name)) return undefined;
    throw error;
  }
}

function nameOf(gvk: Gvk, at: Address): string {
  if (at.name === undefined) return `${gvk.kind} objects`;
  return `${gvk.kind} ${at.namespace ? `${at.namespace}/` : ""}${at.name}`;
}
