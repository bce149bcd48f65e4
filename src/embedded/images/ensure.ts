import type { ImageReference } from "../../kit/image.ts";
import { failure } from "../../util/errors.ts";
import { type BuildOptions, type BuiltImage, buildImage } from "./build.ts";
import { pullImage } from "./pull.ts";
import { pushImage } from "./push.ts";
import { mirrorRepository, parseReference } from "./reference.ts";
import type { Image } from "./store.ts";

export interface EnsureOptions extends BuildOptions {
  /** The local registry to put the image into, e.g. `http://10.83.0.1:5000`; without it only the cache is filled. */
  registryUrl?: string;
}

/** Where an image came from. `landfall.lock` records it. */
export interface EnsuredImage {
  ref: string;
  /** Of the manifest for linux/amd64. */
  digest: string;
  origin: "pulled" | "built";
  /** Set when what was built is not the version that the reference names. */
  substitution?: { wanted: string; got: string };
  /** Why it was built and not pulled; absent for an app's own source, which is always built. */
  notPulled?: string;
  image: Image;
}

/**
 * Have an image: from its upstream registry, or else by its recipe; then serve it under its upstream name.
 *
 * @throws LandfallError LF5004 when it cannot be pulled and has no recipe, LF5003 and LF5006 from the build,
 *   LF5005 from the local registry
 */
export async function ensureImage(reference: ImageReference, options: EnsureOptions): Promise<EnsuredImage> {
  const parsed = parseReference(reference.ref);
  const ensured = await obtain(reference, options);
  if (options.registryUrl) {
    const { tag, digest } = parsed;
    const repository = mirrorRepository(parsed);
    if (tag) await pushImage(options.registryUrl, ensured.image, repository, tag, options);
    if (digest === ensured.digest)
      await pushImage(options.registryUrl, ensured.image, repository, digest, options);
  }
  return ensured;
}

async function obtain(reference: ImageReference, options: EnsureOptions): Promise<EnsuredImage> {
  const { ref, recipe } = reference;
  const pulled = recipe?.kind === "source" ? undefined : await pullImage(ref, options);
  if (pulled && "image" in pulled)
    return { ref, digest: pulled.image.digest, origin: "pulled", image: pulled.image };
  if (!recipe) {
    throw failure("LF5004", {
      what: `${ref} cannot be pulled`,
      why: pulled?.reason ?? "its registry did not give it",
      fix: "check the network and the name, or give the image a recipe",
    });
  }
  const built = await buildImage(recipe, options);
  const substitution = substituted(parseReference(ref).tag, built);
  return {
    ref,
    digest: built.image.digest,
    origin: "built",
    image: built.image,
    ...(substitution ? { substitution } : {}),
    ...(pulled ? { notPulled: pulled.reason } : {}),
  };
}

/** A tag's variant (`7.0.15-alpine`) says how an image is packed, not which version it is of. */
function substituted(wanted: string | undefined, built: BuiltImage): EnsuredImage["substitution"] {
  if (!built.version || !wanted) return undefined;
  const plain = (version: string) => version.replace(/^v/, "");
  const [a, b] = [plain(wanted), plain(built.version)];
  return a === b || a.startsWith(`${b}-`) ? undefined : { wanted, got: built.version };
}
