import type { Plan } from "../../compile/plan.ts";
import { dnsPath } from "../../dns/declared.ts";
import { declaredDns } from "./dns.ts";
import { bringsDelivery } from "./kustomization.ts";
import type { Variant } from "./variants.ts";

/** The command for the Secret with which Flux reads the fleet repo, in the form its URL asks for. */
function readAccess({ url, secret }: Plan["fleet"], namespace: string): string {
  if (!url || !secret) return "";
  const values = url.startsWith("http")
    ? "--from-literal=username=USER --from-literal=password=TOKEN"
    : "--from-file=identity=PRIVATE_KEY --from-file=known_hosts=KNOWN_HOSTS";
  return `\n    kubectl -n ${namespace} create secret generic ${secret} ${values}`;
}

const dnsLine = `\n| \`${dnsPath}\` | who answers the names that clusters share, for whoever keeps them in DNS; Flux passes it by |`;

const mostNamed = 20;

function clusterLine({ clusters }: Plan): string {
  const named = clusters
    .slice(0, mostNamed)
    .map(({ name, parts, apps }) => `${name} (${apps.length} apps, ${parts.length} parts)`);
  const more = clusters.length - named.length;
  return `Clusters: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}

/** What somebody finds who opens the fleet repo and knows only Flux. */
export function fleetReadme(plan: Plan, variants: Variant[]): string {
  const first = plan.clusters[0]?.name ?? "CLUSTER";
  const namespace = plan.clusters[0]?.deliveryNamespace ?? "NAMESPACE";
  const delivery = variants.find(
    ({ clusters, bundle }) => clusters.includes(first) && bringsDelivery(bundle),
  );
  return `# The fleet of ${plan.company}

Written by \`landfall build\` from the declaration; changes made here by hand are overwritten by the next build.
Flux reads this repository and needs nothing else.

| folder | content |
|---|---|
| \`clusters/<cluster>/bootstrap\` | where Flux starts on a cluster: its namespace, and the Kustomization of all others |
| \`clusters/<cluster>/root\` | namespaces, and one Kustomization for each app and part |
| \`delivery\` | Kustomizations that several clusters share |
| \`apps\` | the objects of an app in one file; several where clusters differ |
| \`parts\`, \`secrets\` | the objects, one file each; what clusters share is written once |${declaredDns(plan) ? dnsLine : ""}

Secrets are encrypted with SOPS for the age recipients in the declaration's \`.sops.yaml\`; Flux decrypts them with the
identity in the Secret \`sops-age\`.

To start a cluster by hand:

    kubectl apply -f clusters/${first}/bootstrap/namespace.yaml
    kubectl apply --server-side -f ${delivery?.path ?? "parts/flux/base"}
    kubectl -n ${namespace} create secret generic sops-age --from-file=age.agekey=IDENTITY${readAccess(plan.fleet, namespace)}
    kubectl apply -f clusters/${first}/bootstrap/cluster.yaml

${clusterLine(plan)}
`;
}
