import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { besidePath } from "../../util/files.ts";
import { canonicalJson } from "../../util/hash.ts";
import { writeTarEntries } from "./layer.ts";
import { fullName } from "./reference.ts";
import { type Image, layerPath } from "./store.ts";

/** Write an image as an OCI archive that `ctr -n k8s.io images import` takes, under its reference. */
export async function exportArchive(image: Image, ref: string, file: string): Promise<void> {
  const blob = (digest: string) => `blobs/${digest.replace(":", "/")}`;
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      {
        mediaType: image.mediaType,
        digest: image.digest,
        size: Buffer.byteLength(image.manifest),
        platform: { architecture: "amd64", os: "linux" },
        annotations: {
          "io.containerd.image.name": fullName(ref),
          "org.opencontainers.image.ref.name": fullName(ref).replace(/^.*:/, ""),
        },
      },
    ],
  };
  const text = (path: string, content: string) =>
    ({ path, type: "file", mode: 0o644, content: Buffer.from(content) }) as const;
  await mkdir(dirname(file), { recursive: true });
  const aside = besidePath(file);
  const tar = pack();
  try {
    await Promise.all([
      writeTarEntries(tar, [
        text("oci-layout", '{"imageLayoutVersion":"1.0.0"}'),
        text("index.json", canonicalJson(index)),
        text(blob(image.digest), image.manifest),
        text(blob(image.configDescriptor.digest), image.config),
        ...image.layers.map(
          ({ digest }) =>
            ({ path: blob(digest), type: "file", mode: 0o644, file: layerPath(digest) }) as const,
        ),
      ]),
      pipeline(Readable.from(tar), createWriteStream(aside)),
    ]);
    await rename(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
}
