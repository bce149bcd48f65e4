import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sha256 } from "../../util/hash.ts";
import type { BuildContext } from "./context.ts";
import { parseReference } from "./reference.ts";
import {
  type Descriptor,
  hasLayer,
  type Image,
  layerPath,
  loadImage,
  newLayerFile,
  readKey,
  storeImage,
  writeKey,
} from "./store.ts";
import { type Ask, NotPulled, openRepository, reasonOf } from "./upstream.ts";

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** The image, or why its registry did not give it. */
export type PullResult = { image: Image } | { reason: string };

/**
 * Pull an image for linux/amd64 from its own registry into the cache, anonymously. What was pulled once is
 * not asked for again. A registry that cannot be reached costs 2 s once and nothing for ten minutes after.
 */
export async function pullImage(ref: string, context: BuildContext): Promise<PullResult> {
  const key = `pulled ${ref}`;
  const image = loadImage(readKey<string>("images", key) ?? "");
  if (image) return { image };
  const reference = parseReference(ref);
  try {
    const ask = await openRepository(reference, context);
    context.onProgress?.(`pulling ${ref}`);
    const pulled = await pullManifest(ask, reference.digest ?? reference.tag ?? "latest", context);
    writeKey("images", key, pulled.digest);
    return { image: pulled };
  } catch (error) {
    context.signal?.throwIfAborted();
    return { reason: error instanceof NotPulled ? error.message : reasonOf(error) };
  }
}

interface Manifest {
  mediaType?: string;
  manifests?: (Descriptor & { platform?: { os: string; architecture: string } })[];
  config?: Descriptor;
  layers?: Descriptor[];
}

async function pullManifest(ask: Ask, wanted: string, context: BuildContext): Promise<Image> {
  const text = await (await checked(await ask(`manifests/${wanted}`, manifestTypes), wanted)).text();
  if (wanted.startsWith("sha256:")) verify(sha256(text), wanted);
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.manifests) {
    const fitting = manifest.manifests.find(
      ({ platform }) => platform?.os === "linux" && platform.architecture === "amd64",
    );
    if (!fitting) throw new NotPulled("there is no image for linux/amd64");
    return pullManifest(ask, fitting.digest, context);
  }
  if (!manifest.config || !manifest.layers) throw new NotPulled("its manifest is of an old or foreign form");
  const config = await (await checked(await ask(`blobs/${manifest.config.digest}`), "its config")).text();
  verify(sha256(config), manifest.config.digest);
  for (const layer of manifest.layers) await pullLayer(ask, layer, context);
  return storeImage(text, config);
}

async function pullLayer(ask: Ask, layer: Descriptor, context: BuildContext): Promise<void> {
  if (hasLayer(layer)) return;
  context.onProgress?.(`pulling a layer of ${(layer.size / 1e6).toFixed(1)} MB`);
  const answer = await checked(await ask(`blobs/${layer.digest}`), layer.digest);
  const aside = await newLayerFile();
  const hash = createHash("sha256");
  try {
    await pipeline(
      Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]),
      async function* (source: AsyncIterable<Uint8Array>) {
        for await (const chunk of source) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(aside),
    );
    verify(hash.digest("hex"), layer.digest);
    await rename(aside, layerPath(layer.digest));
  } finally {
    await rm(aside, { force: true });
  }
}

async function checked(answer: Response, what: string): Promise<Response> {
  if (answer.ok && answer.body) return answer;
  await answer.body?.cancel();
  throw new NotPulled(`the registry answered ${answer.status} for ${what}`);
}

function verify(hex: string, digest: string): void {
  if (`sha256:${hex}` !== digest) throw new NotPulled(`what came is not ${digest}`);
}
