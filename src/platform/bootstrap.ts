import { type ClusterClient, connect } from "../cluster/client.ts";
import type { Plan } from "../compile/plan.ts";
import type { ClusterState } from "../embedded/types.ts";
import { decryptionSecret, rootName } from "../emit/flux/index.ts";
import { bringsDelivery, rootKustomization } from "../emit/flux/kustomization.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { readRecipients, revealIdentity } from "../secrets/index.ts";
import { canonicalJson } from "../util/hash.ts";
import { ensureGatewayCertificate } from "./gateway-certificate.ts";
import type { LocalClusterPlan } from "./local-cluster.ts";
import { withoutServedApis } from "./simulated-root.ts";

interface Bootstrap {
  plan: Plan;
  cluster: LocalClusterPlan;
  state: ClusterState;
  say: (line: string) => void;
}

/**
 * Give a cluster what must be there before Flux can start: namespaces, the keys, and Flux itself. From then on Flux
 * owns all of it, its own controller included; what is there already is left as it is.
 */
export async function bootstrapCluster({ plan, cluster, state, say }: Bootstrap): Promise<void> {
  const client = connect({ kubeconfig: state.kubeconfig });
  try {
    const namespace = cluster.deliveryNamespace;
    await ensureNamespaces(client, cluster, say);
    await applyAll(client, await keys(plan, cluster, state), "keys", say);
    const root = rootOf(namespace, state);
    if (await hasRoot(client, root)) return;
    const flux = cluster.bundles.find(bringsDelivery)?.objects ?? [];
    await applyAll(client, flux.filter(isDefinition), "custom resources", say);
    await applyAll(
      client,
      state.mode === "pods" ? flux.filter((o) => !isDefinition(o)) : [],
      "controllers",
      say,
    );
    await applyRoot(client, root);
  } finally {
    client.close();
  }
}

const isDefinition = ({ kind }: KubernetesObject) => kind === "CustomResourceDefinition";

/** Where Flux starts. Without real pods nothing serves an API, and one that does not answer hinders all discovery. */
function rootOf(namespace: string, { mode }: ClusterState): KubernetesObject {
  const root = rootKustomization(namespace, { kind: "ExternalArtifact", name: rootName });
  return mode === "pods" ? root : { ...root, spec: { ...(root.spec as object), patches: withoutServedApis } };
}

/** Whether the root is there, and is the one of this mode. */
async function hasRoot(client: ClusterClient, root: KubernetesObject): Promise<boolean> {
  const crd = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
  if (!(await client.get(crd, "kustomizations.kustomize.toolkit.fluxcd.io"))) return false;
  const there = await client.get(root, root.metadata.name, root.metadata.namespace);
  const patches = (object: KubernetesObject) =>
    canonicalJson((object.spec as { patches?: object }).patches ?? []);
  return there !== undefined && patches(there) === patches(root);
}

async function ensureNamespaces(
  client: ClusterClient,
  cluster: LocalClusterPlan,
  say: Bootstrap["say"],
): Promise<void> {
  const present = await client.list({ apiVersion: "v1", kind: "Namespace" });
  const names = new Set(present.map(({ metadata }) => metadata.name));
  await applyAll(
    client,
    cluster.namespaces.filter(({ metadata }) => !names.has(metadata.name)),
    "namespaces",
    say,
  );
}

async function applyAll(
  client: ClusterClient,
  objects: readonly KubernetesObject[],
  what: string,
  say: Bootstrap["say"],
): Promise<void> {
  if (objects.length === 0) return;
  say(`${objects.length} ${what}`);
  await Promise.all(objects.map((object) => client.apply(object, { force: true })));
}

/** A definition is served a moment after it was applied. */
async function applyRoot(client: ClusterClient, root: KubernetesObject): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.apply(root, { force: true });
      return;
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

/** The Secrets that never go through Git: the identity that decrypts, and the local gateway's certificate. */
async function keys(plan: Plan, cluster: LocalClusterPlan, state: ClusterState): Promise<KubernetesObject[]> {
  const secrets: KubernetesObject[] = [];
  if (readRecipients(plan.dir).length > 0) {
    const identity = await revealIdentity(plan.dir);
    secrets.push(
      secret(decryptionSecret, cluster.deliveryNamespace, "Opaque", { "landfall.agekey": `${identity}\n` }),
    );
  }
  for (const { name, namespace } of listenerSecrets(cluster)) {
    const hosts = cluster.pages.map(({ host }) => host);
    const { cert, key } = await ensureGatewayCertificate(state.folder, hosts);
    secrets.push(secret(name, namespace, "kubernetes.io/tls", { "tls.crt": cert, "tls.key": key }));
  }
  return secrets;
}

function secret(
  name: string,
  namespace: string,
  type: string,
  stringData: Record<string, string>,
): KubernetesObject {
  const labels = { "app.kubernetes.io/managed-by": "landfall" };
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace, labels }, type, stringData };
}

/** The certificates that the Gateways' listeners of this cluster refer to. */
function listenerSecrets(cluster: LocalClusterPlan): { name: string; namespace: string }[] {
  const gateways = cluster.bundles.flatMap(({ objects }) => objects.filter(({ kind }) => kind === "Gateway"));
  return gateways.flatMap(({ metadata, spec }) => {
    const { listeners } = spec as {
      listeners: { tls?: { certificateRefs?: { name: string; namespace?: string }[] } }[];
    };
    const references = listeners.flatMap(({ tls }) => tls?.certificateRefs ?? []);
    return references.map(({ name, namespace }) => ({
      name,
      namespace: namespace ?? metadata.namespace ?? "",
    }));
  });
}
