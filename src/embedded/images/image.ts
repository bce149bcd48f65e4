import { canonicalJson, sha256 } from "../../util/hash.ts";
import { type Image, type Layer, storeImage } from "./store.ts";

/** What a container of the image runs by default and who made it. */
export interface ImageSettings {
  /** The reference's name, for the title label. */
  title: string;
  version: string;
  /** Where the content came from: a module path, a source folder, a package name. */
  source: string;
  /** Digest or version that pins the content exactly. */
  revision: string;
  entrypoint: string[];
  /** Absolute; @default "/" */
  workdir?: string;
  env?: Record<string, string>;
  /** TCP ports. */
  ports?: number[];
}

/** The user and group of every container: the same numbers as the distroless images use for `nonroot`. */
export const nonRoot = 65532;

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Write config and manifest over layers (bottom first). Equal input gives an equal digest. */
export function assembleImage(layers: Layer[], settings: ImageSettings): Image {
  const env = { PATH: path, HOME: "/home/nonroot", ...settings.env };
  const config = canonicalJson({
    architecture: "amd64",
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      User: `${nonRoot}:${nonRoot}`,
      WorkingDir: settings.workdir ?? "/",
      Entrypoint: settings.entrypoint,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ExposedPorts: Object.fromEntries((settings.ports ?? []).map((port) => [`${port}/tcp`, {}])),
      Labels: {
        "org.opencontainers.image.title": settings.title,
        "org.opencontainers.image.version": settings.version,
        "org.opencontainers.image.source": settings.source,
        "org.opencontainers.image.revision": settings.revision,
      },
    },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
  });
  const manifest = canonicalJson({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: `sha256:${sha256(config)}`,
      size: Buffer.byteLength(config),
    },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  return storeImage(manifest, config);
}
