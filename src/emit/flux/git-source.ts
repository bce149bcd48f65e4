import type { Bundle, Plan } from "../../compile/plan.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import type { Variant } from "./variants.ts";

const labels = { "app.kubernetes.io/managed-by": "landfall" };
const repository = "fleet";

/** The Git repository Flux reads, where the company has a Git host. */
export function gitRepository(plan: Plan, namespace: string): KubernetesObject {
  const { url, branch, secret } = plan.fleet;
  return {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    metadata: { name: repository, namespace, labels },
    spec: { interval: "1m", url, ref: { branch }, ...(secret && { secretRef: { name: secret } }) },
  };
}

/** What the API server takes in one generator. */
const mostArtifacts = 1000;

/**
 * One artifact for each variant of a cluster, split off the repository. A commit changes the revision of the
 * artifacts whose content it changed and of no other, so only their Kustomizations run.
 */
export function artifactGenerators(
  here: { bundle: Bundle; variant: Variant }[],
  namespace: string,
): KubernetesObject[] {
  const artifacts = here.map(({ bundle, variant: { path } }) => ({
    name: bundle.name,
    copy: copyOf(path),
  }));
  const chunks = Array.from({ length: Math.ceil(artifacts.length / mostArtifacts) }, (_, i) =>
    artifacts.slice(i * mostArtifacts, (i + 1) * mostArtifacts),
  );
  return chunks.map((chunk, i) => ({
    apiVersion: "source.extensions.fluxcd.io/v1beta1",
    kind: "ArtifactGenerator",
    metadata: { name: i === 0 ? repository : `${repository}-${i + 1}`, namespace, labels },
    spec: {
      sources: [{ alias: repository, kind: "GitRepository", name: repository }],
      artifacts: chunk,
    },
  }));
}

/** What an artifact takes from the repository: the file or folder at a path. */
export function copyOf(path: string): object[] {
  return [
    path.endsWith(".yaml")
      ? { from: `@${repository}/${path}`, to: "@artifact/objects.yaml" }
      : { from: `@${repository}/${path}/**`, to: "@artifact/" },
  ];
}

export const gitSourceRef = (cluster: string) => ({
  kind: "GitRepository",
  name: repository,
  path: `./clusters/${cluster}/root`,
});
