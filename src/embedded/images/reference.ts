import { failure } from "../../util/errors.ts";

/** An image reference taken apart as container runtimes do it. */
export interface Reference {
  /** The registry as it stands in the full name, e.g. `docker.io`, `ghcr.io`, `localhost:5000`. */
  host: string;
  /** e.g. `library/redis`. */
  repository: string;
  /** Absent only when a digest is given without a tag. */
  tag?: string;
  digest?: string;
}

const nameShape = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;
const tagShape = /^\w[\w.-]{0,127}$/;
const digestShape = /^sha256:[0-9a-f]{64}$/;

/** `redis` is `docker.io/library/redis:latest`, as everywhere. @throws LandfallError LF5004 */
export function parseReference(ref: string): Reference {
  const [named = "", digest] = ref.split("@");
  // A colon before the last slash belongs to the host's port.
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const fits = (value: string | undefined, shape: RegExp) => value === undefined || shape.test(value);
  if (!fits(name, nameShape) || !fits(tag, tagShape) || !fits(digest, digestShape)) {
    throw failure("LF5004", {
      what: `${ref} is no image reference`,
      fix: "write it like ghcr.io/owner/name:1.2.3",
    });
  }
  return {
    ...splitHost(name),
    ...(tag || !digest ? { tag: tag ?? "latest" } : {}),
    ...(digest ? { digest } : {}),
  };
}

function splitHost(name: string): { host: string; repository: string } {
  const first = name.split("/")[0] ?? "";
  const named = name.includes("/") && (/[.:]/.test(first) || first === "localhost");
  const host = named && first !== "index.docker.io" ? first : "docker.io";
  const rest = named ? name.slice(first.length + 1) : name;
  return { host, repository: host === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest };
}

/** The full name that containerd keeps an image under. */
export function fullName(ref: string): string {
  const { host, repository, tag, digest } = parseReference(ref);
  return `${host}/${repository}${tag ? `:${tag}` : ""}${digest ? `@${digest}` : ""}`;
}

/**
 * The repository in the local registry that stands for a reference's. Each upstream host is a folder of its
 * own, since the local registry cannot tell hosts apart otherwise; a port's colon is not allowed there.
 */
export function mirrorRepository(reference: Pick<Reference, "host" | "repository">): string {
  return `${hostFolder(reference.host)}/${reference.repository}`;
}

export function hostFolder(host: string): string {
  return host.replace(":", "_");
}
