/**
 * One pass of delivery: what a commit wants, what the cluster has, and the fewest writes between them.
 * Order matters to Flux: a Kustomization must find its artifact, so apps come before the root that names them,
 * and an artifact goes only when no Kustomization names it any more.
 */
import type { ClusterClient } from "../../cluster/client.ts";
import { refusedWith } from "../../cluster/errors.ts";
import type { LiveObject } from "../../cluster/types.ts";
import { readBlobs } from "../../emit/git/read.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { rootArtifact, type WantedArtifact, wantedArtifacts } from "./artifact-list.ts";
import {
  artifactObject,
  artifactWithStatus,
  externalArtifact,
  fleetObject,
  fluxNamespace,
  isPublished,
  ownedSelector,
  revisionOf,
} from "./objects.ts";
import { forEachOf } from "./parallel.ts";
import {
  dropArtifact,
  pruneArtifact,
  type StoredArtifact,
  storeArtifact,
  storedArtifact,
  storedNames,
} from "./store.ts";

export interface PublishOptions {
  /** Folder of the fleet's bare repository. */
  repo: string;
  commit: string;
  /** The cluster's name in the fleet repo. */
  cluster: string;
  /** Folder of the tarballs, see `store.ts`. */
  store: string;
  /** Where Flux reaches the artifact server, without a trailing slash. */
  baseUrl: string;
  client: ClusterClient;
  /** Where the ExternalArtifacts live. @default "flux-system" */
  namespace?: string;
}

export interface PublishResult {
  /** Revision of each artifact of the commit, by name. */
  artifacts: Record<string, string>;
  /** Names written in this pass. */
  written: string[];
  /** Names removed in this pass. */
  removed: string[];
  /** No longer wanted, but a Kustomization still names them: try again. */
  waiting: string[];
}

const kustomization = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
/** Requests at a time. */
const width = 16;

/**
 * Publish a commit's artifacts. Nothing is written for what the cluster already has. Errors: LF3002 for a
 * damaged commit (nothing is written then), LF6001 and LF6002 from the cluster; a pass may then be half done,
 * and the next one goes on from there.
 */
export async function publish(options: PublishOptions): Promise<PublishResult> {
  const { repo, commit, cluster, store, client, namespace = fluxNamespace } = options;
  const wanted = await wantedArtifacts(repo, commit, cluster);
  const stored = await packAll(repo, store, wanted);
  const listed = await client.list(externalArtifact, {
    namespace,
    labelSelector: ownedSelector,
  });
  const live = new Map(listed.map((object) => [object.metadata.name, object]));
  await assertFleetObject(client, fleetObject(cluster, namespace));

  const written: string[] = [];
  const assert = async ({ name }: WantedArtifact) => {
    const artifact = stored.get(name);
    if (artifact && (await assertArtifact(options, name, artifact, live.get(name)))) written.push(name);
  };
  await forEachOf(
    wanted.filter((a) => a.name !== rootArtifact),
    width,
    assert,
  );
  await forEachOf(
    wanted.filter((a) => a.name === rootArtifact),
    1,
    assert,
  );

  for (const name of written) pruneArtifact(store, name, stored.get(name) as StoredArtifact);
  const { removed, waiting } = await removeUnwanted(options, new Set(stored.keys()), live);
  const artifacts = Object.fromEntries([...stored].map(([name, s]) => [name, revisionOf(s)]));
  return { artifacts, written: written.sort(), removed, waiting };
}

/** Every wanted tarball, packing only what the store does not have. */
async function packAll(repo: string, store: string, wanted: WantedArtifact[]) {
  const stored = new Map<string, StoredArtifact>();
  const missing: WantedArtifact[] = [];
  for (const artifact of wanted) {
    const present = storedArtifact(store, artifact.name, artifact.tree);
    if (present) stored.set(artifact.name, present);
    else missing.push(artifact);
  }
  const blobs = await readBlobs(
    repo,
    missing.flatMap((artifact) => [...artifact.files.values()].map((entry) => entry.oid)),
  );
  for (const { name, tree, files } of missing) {
    const contents = new Map([...files].map(([path, { oid }]) => [path, blobs.get(oid) ?? Buffer.alloc(0)]));
    stored.set(name, await storeArtifact(store, name, tree, contents));
  }
  return stored;
}

/** Returns whether anything had to be written. */
async function assertArtifact(
  { client, baseUrl, namespace = fluxNamespace }: PublishOptions,
  name: string,
  stored: StoredArtifact,
  live: LiveObject | undefined,
): Promise<boolean> {
  if (live && isPublished(live, stored, baseUrl)) return false;
  const how = { force: true };
  const object = live ?? (await client.apply(artifactObject(name, namespace), how));
  await client.applyStatus(artifactWithStatus(object, stored, baseUrl, new Date().toISOString()), how);
  return true;
}

async function assertFleetObject(client: ClusterClient, object: KubernetesObject): Promise<void> {
  if (await client.get(object, object.metadata.name, object.metadata.namespace)) return;
  await client.apply(object, { force: true });
}

async function removeUnwanted(options: PublishOptions, wanted: Set<string>, live: Map<string, LiveObject>) {
  const unwanted = [...live.values()].filter((object) => !wanted.has(object.metadata.name));
  const named = unwanted.length > 0 ? await namedByKustomizations(options.client) : new Set<string>();
  const removed: string[] = [];
  const waiting: string[] = [];
  for (const { metadata } of unwanted) {
    if (named.has(metadata.name)) waiting.push(metadata.name);
    else {
      await options.client.remove(externalArtifact, metadata.name, metadata.namespace, { uid: metadata.uid });
      removed.push(metadata.name);
    }
  }
  for (const name of storedNames(options.store)) {
    if (!wanted.has(name) && !waiting.includes(name)) dropArtifact(options.store, name);
  }
  return { removed: removed.sort(), waiting: waiting.sort() };
}

/** ExternalArtifacts that a Kustomization anywhere still reads, those being deleted included. */
async function namedByKustomizations(client: ClusterClient): Promise<Set<string>> {
  try {
    const all = await client.list(kustomization);
    const refs = all.map((k) => (k.spec as { sourceRef?: { kind?: string; name?: string } }).sourceRef);
    return new Set(
      refs.flatMap((ref) => (ref?.kind === externalArtifact.kind && ref.name ? [ref.name] : [])),
    );
  } catch (error) {
    // Without the CRD there are no Kustomizations.
    if (refusedWith(error) === 404) return new Set();
    throw error;
  }
}
