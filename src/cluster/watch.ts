/**
 * List, then watch from there, forever. A broken connection goes on where it was; when the server has forgotten
 * that point (410) everything is listed anew, and what vanished in between is told as deleted. What is kept in
 * memory per object is its identity and version, so that a new list tells changes only.
 */
import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { refused, refusedWith } from "./errors.ts";
import { type Discover, pathOf } from "./resources.ts";
import { readText, type Transport } from "./transport.ts";
import type { Gvk, ListOptions, LiveObject, WatchEvent } from "./types.ts";

/** Bookmarks come about once a minute: silence for this long means the connection is dead. */
const silenceMs = 150_000;
const maxBackoffMs = 10_000;

interface WatchState {
  transport: Transport;
  discover: Discover;
  gvk: Gvk;
  options: ListOptions;
  onEvent: (event: WatchEvent) => void;
  signal: AbortSignal;
  /** Where to go on; undefined when everything must be listed. */
  version: string | undefined;
  seen: Map<string, LiveObject>;
}

/**
 * Tell every object and each later change until the signal aborts; resolves then. Never throws. With `version`
 * and `seen` of an earlier watch it goes on from there.
 */
export async function watchObjects(
  start: Omit<WatchState, "version" | "seen"> & Partial<Pick<WatchState, "version" | "seen">>,
): Promise<void> {
  const state: WatchState = { version: undefined, seen: new Map(), ...start };
  for (let failures = 0; !state.signal.aborted; ) {
    try {
      if (state.version === undefined) await relist(state);
      await follow(state);
      failures = 0;
    } catch (error) {
      if (state.signal.aborted) return;
      if (refusedWith(error) === 410) {
        state.version = undefined;
        continue;
      }
      state.onEvent({ type: "broken", error });
      const backoff = Math.min(maxBackoffMs, 100 * 2 ** failures++);
      await sleep(backoff * (0.5 + Math.random() / 2), undefined, { signal: state.signal }).catch(() => {});
    }
  }
}

async function relist(state: WatchState): Promise<void> {
  const { items, resourceVersion } = await listPage(state);
  const before = state.seen;
  state.seen = new Map();
  for (const object of items) {
    const key = keyOf(object);
    const old = before.get(key);
    before.delete(key);
    state.seen.set(key, slim(object));
    if (!old) state.onEvent({ type: "added", object });
    else if (old.metadata.resourceVersion !== object.metadata.resourceVersion) {
      state.onEvent({ type: "modified", object });
    }
  }
  for (const object of before.values()) state.onEvent({ type: "deleted", object });
  state.version = resourceVersion;
  state.onEvent({ type: "synced" });
}

async function listPage(state: WatchState): Promise<{ items: LiveObject[]; resourceVersion: string }> {
  const path = await pathFor(state, {});
  const { status, text } = await state.transport.send({ method: "GET", path, signal: state.signal });
  if (status !== 200) throw refused(`list ${state.gvk.kind}`, status, text);
  const list = JSON.parse(text) as { items: LiveObject[] | null; metadata: { resourceVersion: string } };
  const items = (list.items ?? []).map((item) => ({ ...item, ...state.gvk }));
  return { items, resourceVersion: list.metadata.resourceVersion };
}

async function follow(state: WatchState): Promise<void> {
  const path = await pathFor(state, {
    watch: true,
    allowWatchBookmarks: true,
    timeoutSeconds: 240 + Math.floor(Math.random() * 60),
    resourceVersion: state.version,
  });
  const response = await state.transport.stream({ method: "GET", path, signal: state.signal });
  if (response.statusCode !== 200) {
    throw refused(`watch ${state.gvk.kind}`, response.statusCode ?? 0, await readText(response));
  }
  for await (const line of linesOf(response)) {
    if (line !== "") tell(state, JSON.parse(line));
  }
}

/** The body's lines; a silent connection is cut. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let timer: NodeJS.Timeout | undefined;
  const rearm = () => {
    clearTimeout(timer);
    timer = setTimeout(() => response.destroy(new Error("the watch fell silent")), silenceMs);
    timer.unref();
  };
  rearm();
  response.on("data", rearm);
  let broken: unknown;
  // readline ends its iteration on a stream's error instead of throwing it.
  response.once("error", (error) => {
    broken = error;
  });
  try {
    yield* createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY });
    if (broken) throw broken;
  } finally {
    clearTimeout(timer);
    response.destroy();
  }
}

function tell(state: WatchState, event: { type: string; object: LiveObject }): void {
  const { type, object } = event;
  if (type === "ERROR") {
    const { code = 500 } = object as unknown as { code?: number };
    throw refused(`watch ${state.gvk.kind}`, code, JSON.stringify(object));
  }
  state.version = object.metadata.resourceVersion;
  if (type === "BOOKMARK") return;
  const key = keyOf(object);
  if (type === "DELETED") {
    state.seen.delete(key);
    state.onEvent({ type: "deleted", object });
    return;
  }
  // The first watch after a break may repeat what the list has told.
  const known = state.seen.get(key)?.metadata.resourceVersion;
  state.seen.set(key, slim(object));
  if (known !== object.metadata.resourceVersion) {
    state.onEvent({ type: known === undefined ? "added" : "modified", object });
  }
}

async function pathFor(state: WatchState, query: Record<string, string | number | boolean | undefined>) {
  const { namespace, labelSelector, fieldSelector } = state.options;
  const resource = await state.discover(state.gvk);
  return pathOf(state.gvk, resource, { namespace, query: { labelSelector, fieldSelector, ...query } });
}

function keyOf(object: LiveObject): string {
  // The uid is part of it: an object that was deleted and made anew during a break is another object.
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}/${object.metadata.uid}`;
}

function slim({ apiVersion, kind, metadata }: LiveObject): LiveObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const kept = { name, uid, resourceVersion, creationTimestamp, ...(namespace && { namespace }) };
  return { apiVersion, kind, metadata: kept };
}
