/**
 * What a cluster is asked, and told, while a release begins or ceases to be analysed; see `changes/release-change.ts`.
 * Whatever is done here is done again without harm, since a run may be killed at any point.
 */
import { canaryOf } from "../changes/release-change.ts";
import type { HandOverStep } from "../changes/types.ts";
import type { ClusterClient } from "../cluster/client.ts";
import type { Gvk, LiveObject } from "../cluster/types.ts";
import { appLabel, primarySuffix } from "../kit/labels.ts";
import { keepReplicas } from "./hand-over-replicas.ts";

const service = { apiVersion: "v1", kind: "Service" };
const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
const route = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" };
const canary = { apiVersion: "flagger.app/v1beta1", kind: "Canary" };
const keeper = "landfall-hand-over";

interface Target {
  namespace: string;
  name: string;
}

/** Whether a step of a release is settled; `ready`: its Kustomization has applied what it was given. */
export async function askRelease(
  client: ClusterClient,
  { phase, to }: HandOverStep,
  ready: boolean,
): Promise<boolean> {
  const targets = to.flatMap((taker) => canaryOf(taker) ?? []);
  const ask = asks[phase];
  if (!ask) return false;
  const answers = await Promise.all(targets.map((target) => ask(client, target, ready)));
  return answers.every(Boolean);
}

const asks: Partial<
  Record<HandOverStep["phase"], (client: ClusterClient, target: Target, ready: boolean) => Promise<boolean>>
> = { lend, adopt, rest, return: giveBack };

/** Nothing is pruned any more, and the number of pods stays when Flux lets go of it. */
async function lend(client: ClusterClient, target: Target, ready: boolean): Promise<boolean> {
  // All are marked by one apply; a route that the app brings itself is nobody's to take.
  const objects = (await routesOf(client, target)).filter(
    ({ object }) => object.metadata.name === target.name,
  );
  if (!ready || objects.length === 0 || !objects.every(isKept)) return false;
  return keepReplicas(client, [{ ...deployment, ...target }]);
}

/** The copies serve; what leads to them goes with the Canary, and routes that it has no use for go now. */
async function adopt(client: ClusterClient, target: Target): Promise<boolean> {
  const live = await client.get(canary, target.name, target.namespace);
  const phase = (live?.status as { phase?: string } | undefined)?.phase ?? "Initializing";
  if (!live || phase === "Initializing") return false;
  for (const { gvk, object } of await routesOf(client, target)) {
    if (ownersOf(object).some(({ controller }) => controller)) continue;
    const { name, uid } = object.metadata;
    if (name === target.name) await setOwners(client, gvk, object, [...ownersOf(object), ownerOf(live)]);
    else if (isKept({ object })) await client.remove(gvk, name, target.namespace, { uid });
  }
  return true;
}

const isKept = ({ object: { metadata } }: Pick<Routed, "object">) =>
  metadata.annotations?.["kustomize.toolkit.fluxcd.io/prune"] === "disabled";

/** The workload that was scaled to nothing serves as many pods as the primary, before any traffic comes back. */
async function rest(client: ClusterClient, target: Target, ready: boolean): Promise<boolean> {
  const { name, namespace } = target;
  const live = await client.get(canary, name, namespace);
  if (!ready || (live && (live.spec as { suspend?: boolean }).suspend !== true)) return false;
  const own = await client.get(deployment, name, namespace);
  const primary = await client.get(deployment, `${name}${primarySuffix}`, namespace);
  if (!own || !primary) return true;
  const wanted = (primary.spec as { replicas?: number }).replicas ?? 1;
  const { replicas = 1 } = own.spec as { replicas?: number };
  if (replicas < wanted) {
    const spec = { replicas: wanted };
    await client.patch(deployment, target, { spec }, { subresource: "scale", fieldManager: keeper });
    return false;
  }
  const { availableReplicas = 0, observedGeneration } = own.status as {
    availableReplicas?: number;
    observedGeneration?: number;
  };
  if (observedGeneration !== own.metadata.generation || availableReplicas < wanted) return false;
  for (const { gvk, object } of await routesOf(client, target)) await reopen(client, gvk, object);
  return true;
}

/** What keeps Flux from an object: Flagger says so on all that it takes over, and `lend` said one thing itself. */
const closed = ["prune", "reconcile"].map((what) => `kustomize.toolkit.fluxcd.io/${what}`);

async function reopen(client: ClusterClient, gvk: Gvk, { metadata }: LiveObject): Promise<void> {
  const { name, namespace = "", annotations = {} } = metadata;
  const there = closed.filter((key) => key in annotations);
  if (there.length === 0) return;
  const without = Object.fromEntries(there.map((key) => [key, null]));
  await client.patch(
    gvk,
    { name, namespace },
    { metadata: { annotations: without } },
    { fieldManager: keeper },
  );
}

/** Service and routes lead to the app's own pods, and stay when the Canary goes with all that belongs to it. */
async function giveBack(client: ClusterClient, target: Target, ready: boolean): Promise<boolean> {
  const objects = await routesOf(client, target);
  const leadsBack = ({ object }: Routed) =>
    !JSON.stringify(object.spec).includes(`"${target.name}${primarySuffix}"`);
  if (!ready || objects.length === 0 || !objects.every(leadsBack)) return false;
  for (const { gvk, object } of objects) {
    const others = ownersOf(object).filter(({ kind, name }) => kind !== canary.kind || name !== target.name);
    if (others.length < ownersOf(object).length) await setOwners(client, gvk, object, others);
  }
  return true;
}

interface Routed {
  gvk: Gvk;
  object: LiveObject;
}

/** The app's Service and all its routes, but not the copies' Services. */
async function routesOf(client: ClusterClient, { namespace, name }: Target): Promise<Routed[]> {
  const own = await client.get(service, name, namespace);
  const routes = await client.list(route, { namespace, labelSelector: `${appLabel}=${name}` });
  return [
    ...(own ? [{ gvk: service, object: own }] : []),
    ...routes.map((object) => ({ gvk: route, object })),
  ];
}

interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

const ownersOf = ({ metadata }: LiveObject) => (metadata.ownerReferences ?? []) as OwnerReference[];

const ownerOf = ({ metadata: { name, uid } }: LiveObject): OwnerReference => ({
  ...canary,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

async function setOwners(client: ClusterClient, gvk: Gvk, object: LiveObject, owners: OwnerReference[]) {
  const { name, namespace = "", resourceVersion } = object.metadata;
  const metadata = { resourceVersion, ownerReferences: owners };
  await client.patch(gvk, { name, namespace }, { metadata }, { fieldManager: keeper });
}
