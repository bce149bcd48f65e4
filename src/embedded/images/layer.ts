import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Pack, pack } from "tar-stream";
import type { BuildContext } from "./context.ts";
import { hasLayer, type Layer, layerPath, newLayerFile, readKey, withWorkFolder, writeKey } from "./store.ts";

/**
 * One path in a layer, without a leading slash. Owner is root unless said: what the process may write to
 * is named, everything else is read-only to it. `mode` is 0755, 0644 … without type bits.
 */
export type Entry = { path: string; uid?: number; gid?: number } & (
  | { type: "directory"; mode: number }
  | { type: "file"; mode: number; content: Uint8Array }
  | { type: "file"; mode: number; file: string }
  | { type: "symlink"; link: string }
);

/** Raise it when the bytes of a layer change for the same input, so that caches are made anew. */
const layerFormat = 1;

/** Level 1: on two cores packing costs more time than the larger file does on loopback. */
const gzipLevel = 1;

const running = new Map<string, Promise<Layer>>();

/**
 * The layer of a key, made when it is not in the cache. `make` gets an empty folder that lives until its
 * entries are packed. Two callers with one key share the work.
 * Equal entries give equal bytes: names sorted, times 0, owners as given, no gzip name or time.
 */
export async function ensureLayer(
  key: string,
  context: BuildContext,
  make: (work: string) => Promise<Entry[]>,
): Promise<Layer> {
  const full = `${layerFormat}:${key}`;
  const known = readKey<Layer>("layers", full);
  if (known && hasLayer(known)) return known;
  const started = running.get(full);
  if (started) return started;
  const work = withWorkFolder(async (folder) => {
    const layer = await writeLayer(await make(folder), context);
    writeKey("layers", full, layer);
    return layer;
  }).finally(() => running.delete(full));
  running.set(full, work);
  return work;
}

/** Pack entries into a layer of the cache and describe it. */
export async function writeLayer(entries: Entry[], context: BuildContext): Promise<Layer> {
  const aside = await newLayerFile();
  const plain = createHash("sha256");
  const packed = createHash("sha256");
  const tar = pack();
  try {
    const writing = writeTarEntries(tar, entries, context);
    await Promise.all([
      writing.catch((error) => tar.destroy(error)),
      pipeline(
        Readable.from(tar),
        hashing(plain),
        createGzip({ level: gzipLevel }),
        hashing(packed),
        createWriteStream(aside),
        { ...(context.signal ? { signal: context.signal } : {}) },
      ),
    ]);
    await writing;
    const layer: Layer = {
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: `sha256:${packed.digest("hex")}`,
      size: (await stat(aside)).size,
      diffId: `sha256:${plain.digest("hex")}`,
    };
    await rename(aside, layerPath(layer.digest));
    return layer;
  } finally {
    tar.destroy();
    await rm(aside, { force: true });
  }
}

function hashing(hash: Hash) {
  return async function* (source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

/** Sorted, each path once (the last one given wins), with the folders above every path. */
export function completeEntries(entries: Entry[]): Entry[] {
  const byPath = new Map<string, Entry>();
  for (const entry of entries) {
    const parts = entry.path.split("/");
    for (let n = 1; n < parts.length; n++) {
      const path = parts.slice(0, n).join("/");
      if (!byPath.has(path)) byPath.set(path, { path, type: "directory", mode: 0o755 });
    }
    byPath.set(entry.path, entry);
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Write entries in their order of names and end the tar. */
export async function writeTarEntries(
  tar: Pack,
  entries: Entry[],
  context: BuildContext = {},
): Promise<void> {
  for (const entry of completeEntries(entries)) {
    context.signal?.throwIfAborted();
    const owner = { uid: entry.uid ?? 0, gid: entry.gid ?? 0, mtime: new Date(0) };
    if (entry.type === "directory") {
      await addEntry(tar, { ...owner, name: `${entry.path}/`, type: "directory", mode: entry.mode });
    } else if (entry.type === "symlink") {
      await addEntry(tar, { ...owner, name: entry.path, type: "symlink", mode: 0o777, linkname: entry.link });
    } else if ("content" in entry) {
      const header = { ...owner, name: entry.path, mode: entry.mode, size: entry.content.byteLength };
      await addEntry(tar, header, [entry.content]);
    } else {
      const header = { ...owner, name: entry.path, mode: entry.mode, size: (await stat(entry.file)).size };
      await addEntry(tar, header, createReadStream(entry.file, { highWaterMark: 1 << 20 }));
    }
  }
  tar.finalize();
}

type Content = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** One entry at a time, so that what is in memory stays small and an abort has one stream to end. */
async function addEntry(
  tar: Pack,
  header: Parameters<Pack["entry"]>[0],
  content: Content = [],
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const sink = tar.entry(header, (error) => (error ? reject(error) : resolve(undefined)));
  // Both are reported by the promise; unheard they would end the process.
  sink.on("error", reject);
  promise.catch(() => {});
  for await (const chunk of content) {
    if (!sink.write(chunk)) await Promise.race([once(sink, "drain"), promise]);
  }
  sink.end(undefined);
  await promise;
}
