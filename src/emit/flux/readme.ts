import type { Plan } from "../../compile/plan.ts";

/** What somebody finds who opens the fleet repo and knows only Flux. */
export function fleetReadme(plan: Plan): string {
  const first = plan.clusters[0]?.name ?? "CLUSTER";
  return `# The fleet of ${plan.company}

Written by \`landfall build\` from the declaration; changes made here by hand are overwritten by the next build.
Flux reads this repository and needs nothing else.

| folder | content |
|---|---|
| \`clusters/<cluster>/bootstrap\` | where Flux starts on a cluster: its namespace, and the Kustomization of all others |
| \`clusters/<cluster>/root\` | namespaces, and one Kustomization for each app and part |
| \`apps\`, \`parts\`, \`secrets\` | the objects, one file each; what clusters share is written once |

Secrets are encrypted with SOPS for the age recipients in the declaration's \`.sops.yaml\`; Flux decrypts them with the
identity in the Secret \`sops-age\`.

To start a cluster by hand:

    kubectl apply -f clusters/${first}/bootstrap/namespace.yaml
    kubectl apply --server-side -f parts/flux/base
    kubectl -n ${plan.clusters[0]?.deliveryNamespace} create secret generic sops-age --from-file=age.agekey=IDENTITY
    kubectl apply -f clusters/${first}/bootstrap/cluster.yaml

Clusters: ${plan.clusters.map(({ name, parts, apps }) => `${name} (${apps.length} apps, ${parts.length} parts)`).join(", ")}.
`;
}
