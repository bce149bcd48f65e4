/**
 * On clusters that read from a Git host, Flux' source-watcher makes the artifacts and names each after the archive it
 * packed, which nobody else can pack alike. So what Flux calls a content is told by the ArtifactGenerator: it says from
 * which path of the fleet repo it made an artifact, and which digest that got. A release's folder holds one content at
 * one path for as long as anything reads it, so the path names the content.
 */
import type { ClusterClient } from "../../cluster/client.ts";
import type { LiveObject } from "../../cluster/types.ts";
import type { Release } from "../../release/index.ts";
import { listIfServed } from "./observe-read.ts";

const generators = { apiVersion: "source.extensions.fluxcd.io/v1beta1", kind: "ArtifactGenerator" };

/** Path in the fleet repo → the revision of what a release keeps there. */
export type Contents = ReadonlyMap<string, string>;

/** The contents in the folders of releases. What lies elsewhere may be another content later. */
export function contentsOf(releases: readonly Release[]): Contents {
  return new Map(
    releases.flatMap(({ id, moves }) =>
      moves
        .flatMap(({ from, to, back }) => [from, to, back])
        .filter(({ path }) => path.startsWith(`releases/${id}/`))
        .map(({ path, revision }) => [path, revision] as const),
    ),
  );
}

interface Generator {
  artifacts?: { name: string; copy?: { from?: string }[] }[];
}

interface GeneratorStatus {
  conditions?: { type: string; status: string; observedGeneration?: number }[];
  inventory?: { name: string; digest: string }[];
}

/**
 * Gives releases' revisions for those that Flux tells of a bundle; any other stays as it is, and so is none of a
 * release's. Asked only where a revision is not known already, which it is without a Git host.
 */
export async function revisionNames(
  client: ClusterClient,
  namespace: string,
  contents: Contents,
  told: readonly (string | undefined)[],
): Promise<(bundle: string, revision: string | undefined) => string | undefined> {
  const known = new Set(contents.values());
  if (contents.size === 0 || told.every((revision) => revision === undefined || known.has(revision)))
    return (_bundle, revision) => revision;
  const names = new Map<string, string>();
  for (const generator of await listIfServed(client, generators, namespace))
    for (const [bundle, path, digest] of made(generator)) {
      const revision = contents.get(path);
      if (revision !== undefined) names.set(`${bundle} latest@${digest}`, revision);
    }
  return (bundle, revision) => names.get(`${bundle} ${revision}`) ?? revision;
}

/** The artifacts a generator has made by its present form: name, path in the fleet repo, digest. */
function made({ metadata, spec, status }: LiveObject): [string, string, string][] {
  const { conditions = [], inventory = [] } = (status ?? {}) as GeneratorStatus;
  const ready = conditions.find(({ type }) => type === "Ready");
  if (ready?.status !== "True" || ready.observedGeneration !== metadata.generation) return [];
  const digests = new Map(inventory.map(({ name, digest }) => [name, digest]));
  return ((spec as Generator | undefined)?.artifacts ?? []).flatMap(({ name, copy = [] }) => {
    const digest = digests.get(name);
    const [, path] = /^@[^/]+\/(.*?)(?:\/\*\*)?$/.exec(copy[0]?.from ?? "") ?? [];
    return digest !== undefined && path !== undefined && copy.length === 1 ? [[name, path, digest]] : [];
  });
}
