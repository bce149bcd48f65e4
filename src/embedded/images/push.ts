import { openAsBlob } from "node:fs";
import { failure, messageOf } from "../../util/errors.ts";
import type { BuildContext } from "./context.ts";
import { type Descriptor, type Image, layerPath } from "./store.ts";

const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** The digest a registry serves under a tag or digest, or undefined when it has none. */
export async function manifestDigest(
  registryUrl: string,
  repository: string,
  tag: string,
  context: BuildContext = {},
): Promise<string | undefined> {
  const url = `${registryUrl}/v2/${repository}/manifests/${tag}`;
  const answer = await ask(url, { method: "HEAD", headers: { accept: manifestTypes } }, context);
  return answer.ok ? (answer.headers.get("docker-content-digest") ?? undefined) : undefined;
}

/** True when the registry serves exactly this image under the tag. */
export async function hasManifest(
  registryUrl: string,
  repository: string,
  tag: string,
  image: Pick<Image, "digest">,
  context: BuildContext = {},
): Promise<boolean> {
  return (await manifestDigest(registryUrl, repository, tag, context)) === image.digest;
}

/** Put an image into a registry; what is there already is not sent again. @throws LandfallError LF5005 */
export async function pushImage(
  registryUrl: string,
  image: Image,
  repository: string,
  tag: string,
  context: BuildContext = {},
): Promise<void> {
  if (await hasManifest(registryUrl, repository, tag, image, context)) return;
  const base = `${registryUrl}/v2/${repository}`;
  for (const layer of image.layers) {
    await pushBlob(base, layer, () => openAsBlob(layerPath(layer.digest)), context);
  }
  await pushBlob(base, image.configDescriptor, async () => new Blob([image.config]), context);
  const put = { method: "PUT", headers: { "content-type": image.mediaType }, body: image.manifest };
  await accepted(await ask(`${base}/manifests/${tag}`, put, context), `the manifest of ${repository}:${tag}`);
}

async function pushBlob(
  base: string,
  blob: Descriptor,
  open: () => Promise<Blob>,
  context: BuildContext,
): Promise<void> {
  if ((await ask(`${base}/blobs/${blob.digest}`, { method: "HEAD" }, context)).ok) return;
  const what = `the blob ${blob.digest}`;
  const started = await ask(`${base}/blobs/uploads/`, { method: "POST" }, context);
  await accepted(started, what);
  const target = new URL(started.headers.get("location") ?? "", base);
  target.searchParams.set("digest", blob.digest);
  const put = {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: await open(),
  };
  await accepted(await ask(target.href, put, context), what);
}

async function accepted(answer: Response, what: string): Promise<void> {
  const text = await answer.text();
  if (answer.ok) return;
  throw failure("LF5005", {
    what: `the registry refused ${what}`,
    why: `${answer.status} ${text.slice(0, 400)}`,
    fix: answer.status >= 500 ? "check the disk's free space, then run the command again" : "report this",
  });
}

async function ask(url: string, init: RequestInit, context: BuildContext): Promise<Response> {
  try {
    return await fetch(url, { ...init, ...(context.signal ? { signal: context.signal } : {}) });
  } catch (error) {
    context.signal?.throwIfAborted();
    const cause = (error as { cause?: unknown }).cause;
    throw failure(
      "LF5005",
      {
        what: `the registry at ${new URL(url).host} does not answer`,
        why: messageOf(cause ?? error),
        fix: "run: landfall up (it starts the registry again)",
      },
      error,
    );
  }
}
