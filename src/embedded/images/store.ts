import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { besidePath, writeFileAtomic } from "../../util/files.ts";
import { canonicalJson, sha256 } from "../../util/hash.ts";
import { cachePath } from "../../util/home.ts";

/** Content by digest, as OCI describes it. `digest` is `sha256:<hex>`, `size` is bytes. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** A compressed layer; `diffId` is the digest of the uncompressed tar. */
export interface Layer extends Descriptor {
  diffId: string;
}

/** An image in the cache. The texts are the very bytes that the digests are of. */
export interface Image {
  /** Digest of the manifest. */
  digest: string;
  mediaType: string;
  manifest: string;
  config: string;
  configDescriptor: Descriptor;
  layers: Descriptor[];
}

const hexOf = (digest: string) => digest.replace(/^sha256:/, "");

/** Where a layer's bytes are kept. */
export function layerPath(digest: string): string {
  return cachePath("layers", `${hexOf(digest)}.tar.gz`);
}

/** A file to fill beside the layers before it is renamed into place. */
export async function newLayerFile(): Promise<string> {
  await mkdir(cachePath("layers"), { recursive: true });
  await removeAbandoned(cachePath("layers"));
  return besidePath(cachePath("layers", "new"));
}

/** What a key stands for, or undefined when it was never stored. `kind` is a folder of its own. */
export function readKey<T>(kind: "layers" | "images" | "debian", key: string): T | undefined {
  const path = cachePath(kind, "keys", `${sha256(key)}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;
}

/** Remember what a key stands for. */
export function writeKey(kind: "layers" | "images" | "debian", key: string, value: unknown): void {
  writeFileAtomic(cachePath(kind, "keys", `${sha256(key)}.json`), canonicalJson(value));
}

/** True when the bytes of a layer are there in full. */
export function hasLayer(layer: Descriptor): boolean {
  return statSync(layerPath(layer.digest), { throwIfNoEntry: false })?.size === layer.size;
}

/** Keep an image's manifest and config under its digest. Its layers must be there already. */
export function storeImage(manifest: string, config: string): Image {
  const digest = `sha256:${sha256(manifest)}`;
  const folder = cachePath("images", hexOf(digest));
  writeFileAtomic(join(folder, "config.json"), config);
  writeFileAtomic(join(folder, "manifest.json"), manifest);
  const image = loadImage(digest);
  if (!image) throw new Error(`the layers of ${digest} are missing`);
  return image;
}

/** An image of the cache by its digest; undefined when any byte of it is missing. */
export function loadImage(digest: string): Image | undefined {
  const folder = cachePath("images", hexOf(digest));
  if (!existsSync(join(folder, "manifest.json"))) return undefined;
  const manifest = readFileSync(join(folder, "manifest.json"), "utf8");
  const config = readFileSync(join(folder, "config.json"), "utf8");
  const parsed = JSON.parse(manifest) as { mediaType?: string; config: Descriptor; layers: Descriptor[] };
  if (!parsed.layers.every(hasLayer)) return undefined;
  return {
    digest,
    // OCI allows a manifest not to name its own type; Docker's always does.
    mediaType: parsed.mediaType ?? "application/vnd.oci.image.manifest.v1+json",
    manifest,
    config,
    configDescriptor: parsed.config,
    layers: parsed.layers,
  };
}

/** Remove what killed processes left half done beside the finished content. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(/\.(\d+)-[0-9a-f]+\.tmp$/.exec(name)?.[1]);
    if (pid && !alive(pid)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Give `use` an empty folder and remove it afterwards. */
export async function withWorkFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const parent = cachePath("work");
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const folder = besidePath(join(parent, "w"));
  await mkdir(folder);
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
