import type { Bundle } from "../../compile/plan.ts";
import type { KubernetesObject } from "../../schema/object.ts";

/** The artifact, and the Kustomization, that hold all others of a cluster. */
export const rootName = "cluster";
/** The Secret in the delivery namespace with the age identity that decrypts secrets. */
export const decryptionSecret = "sops-age";

/** Whether a bundle brings Flux itself: it defines the very kind that applies it. */
export const bringsDelivery = ({ content }: Bundle) =>
  content.facts.defines.includes("kustomize.toolkit.fluxcd.io/Kustomization");

/** Custom resource definitions are served once they are applied: where there is nothing else, nothing is waited for. */
export const waits = ({ content }: Bundle) =>
  content.facts.kinds.some((kind) => kind !== "apiextensions.k8s.io/CustomResourceDefinition");

const base = {
  interval: "10m",
  retryInterval: "15s",
  timeout: "3m",
  prune: true,
  path: "./",
};

/**
 * The Kustomization that applies one bundle from its own artifact, and is ready when its objects are.
 */
export function bundleKustomization(bundle: Bundle, namespace: string): KubernetesObject {
  const label = bundle.kind === "app" ? { "landfall.dev/app": bundle.owner } : {};
  const part = bundle.kind === "part" ? { "landfall.dev/part": bundle.owner } : {};
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: {
      name: bundle.name,
      namespace,
      labels: { "app.kubernetes.io/managed-by": "landfall", ...label, ...part },
    },
    spec: {
      ...base,
      wait: waits(bundle),
      ...(bundle.after.length > 0 && { dependsOn: bundle.after.map((name) => ({ name })) }),
      // Flux must not remove itself half-way through removing the rest.
      ...(bringsDelivery(bundle) && { deletionPolicy: "Orphan" }),
      ...(bundle.kind === "secrets" && {
        decryption: { provider: "sops", secretRef: { name: decryptionSecret } },
      }),
      sourceRef: { kind: "ExternalArtifact", name: bundle.name },
    },
  };
}

/** The Kustomization that applies all others. It does not wait for them: each tells its own health. */
export function rootKustomization(
  namespace: string,
  source: { kind: string; name: string; path?: string },
): KubernetesObject {
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: rootName, namespace, labels: { "app.kubernetes.io/managed-by": "landfall" } },
    spec: {
      ...base,
      ...(source.path && { path: source.path }),
      sourceRef: { kind: source.kind, name: source.name },
    },
  };
}
