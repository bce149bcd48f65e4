import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import { bringsDelivery, decryptionSecret } from "../flux/kustomization.ts";
import { bundlePaths } from "./apply-order.ts";
import { isHosted } from "./git-host.ts";

/** How to go on without landfall, for somebody who knows Kubernetes and Git. */
export function ejectReadme(plan: Plan, files: ReadonlyMap<string, string>, url: string): string {
  const hosted = plan.clusters.filter((cluster) => isHosted(plan, cluster));
  const others = plan.clusters.filter((cluster) => !isHosted(plan, cluster));
  const repo = plan.fleet.url ?? url;
  const ssh = !repo.startsWith("http");
  const generators = [
    ...(hosted.length > 0 ? ["`clusters/<cluster>/root/artifacts.yaml`"] : []),
    ...(others.length > 0 ? ["`git/<cluster>/fleet.yaml`"] : []),
  ].join(" or ");
  return `# The fleet of ${plan.company}

Everything that runs on the clusters of ${plan.company}, as Kubernetes objects. It was written by landfall, which is no longer
needed: the clusters run [Flux](https://fluxcd.io/flux/), Flux reads this repository, and the repository is now the source.
Some labels and annotations still begin with \`landfall.dev/\`. They are names like any other: network policies and the
metrics store select by them, so leave them.

| path | content |
|---|---|
| \`apps\` | the objects of each app, in one file for all its clusters, or one for each environment or cluster where they differ |
| \`parts\` | the objects of each system beside the apps, in the same way in folders |
| \`secrets\` | Secrets, encrypted with SOPS |
| \`clusters/<cluster>/bootstrap\` | applied once by hand: where Flux starts |
| \`clusters/<cluster>/root\` | the namespaces, and which apps and parts the cluster has: a Flux Kustomization for each |
| \`delivery\` | Kustomizations that several clusters share |
| \`clusters/<cluster>/artifacts.json\` | which path each of these Kustomizations applies; for people |
| \`clusters/<cluster>/order.txt\` | the same paths in the order in which they can be applied by hand |
${others.length > 0 ? "| `git/<cluster>` | makes a cluster read this repository from a Git host |\n" : ""}
## Start a cluster

Push this folder to \`${repo}\`, branch \`${plan.fleet.branch}\`.${plan.fleet.url ? "" : ` (For another address, replace this one in \`git\` and commit.)`}
Then, with kubectl at the cluster's context and in this folder:

${[hosted[0], others[0]].flatMap((cluster) => (cluster ? [startCommands(plan, cluster, files, ssh)] : [])).join("\n")}
Flux applies the rest. Look at it with \`kubectl -n ${plan.clusters[0]?.deliveryNamespace} get kustomizations\`.
${others.length > 0 ? publisher(others) : ""}
## Without a Git host, or without Flux

kubectl alone can apply it all, in the order of the Kustomizations' \`dependsOn\`. Nothing then removes what leaves the
repository, nor mends what somebody changed by hand.

${byHand(plan.clusters[0], files)}
## Secrets

Files under \`secrets\` are encrypted for the age keys that \`.sops.yaml\` names. Flux decrypts them on the cluster with the
private key in the Secret \`${decryptionSecret}\`; landfall kept that key in \`~/.landfall/keys/${plan.company}.agekey\`.
Back it up: without it no secret can be read.

    export SOPS_AGE_KEY_FILE=IDENTITY
    sops secrets/NAMESPACE/base/NAME.yaml

opens one in an editor. Each Secret's name ends in a digest of its content, so that pods read the value they were started
for. When you change a value, give the Secret another name, and the same one in the \`secretKeyRef\` of the apps that use it:
their pods are then replaced. Under the old name they would keep the old value until they restart.
To let somebody else read them, add the age key to \`.sops.yaml\` and run \`sops updatekeys FILE\` on each.

## Change something

- **An app.** Edit its file in \`apps\` and commit: its image, environment, replicas. Flux applies it within a minute or two.
  A ConfigMap's name ends in a digest as well; give it another one with its content, in both places.
- **On some clusters only.** Copy the app's file, and name the copy as the app's artifact in ${generators} of those clusters.
- **A new app.** Add its file in \`apps\`, its artifact beside the others in ${generators}, and a Kustomization like the others in
  \`clusters/<cluster>/root\`; name a new file in the \`kustomization.yaml\` that names the others.
  The network policies of those it calls must admit it, as they shut whatever they do not list.
- **Away with an app.** Remove its Kustomization: Flux removes its objects, but for the volumes of a StatefulSet.
- **A rename** is a removal and a new app, unless you set \`spec.prune: false\` on the old Kustomization first.

${leftToYou(plan)}`;
}

const mostNamed = 20;

function shownOf(names: string[]): string {
  const more = names.length - mostNamed;
  return `${names.slice(0, mostNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Commands as a block; empty ones are left out. */
const block = (lines: string[]) =>
  `${lines
    .filter(Boolean)
    .map((line) => `    ${line}`)
    .join("\n")}\n`;

function startCommands(
  plan: Plan,
  cluster: ClusterPlan,
  files: ReadonlyMap<string, string>,
  ssh: boolean,
): string {
  const { name, deliveryNamespace: namespace } = cluster;
  const delivery = cluster.bundles.find(bringsDelivery)?.name ?? "";
  const git = isHosted(plan, cluster) ? "" : `git/${name}`;
  const encrypted = cluster.bundles.some(({ kind }) => kind === "secrets");
  const credentials = ssh
    ? "--from-file=identity=PRIVATE_KEY --from-file=known_hosts=KNOWN_HOSTS"
    : "--from-literal=username=USER --from-literal=password=TOKEN";
  const secret = plan.fleet.secret;
  return `\`${name}\`${git ? "" : ", and in the same way the others that read the Git host"}:

${block([
  `kubectl apply -f clusters/${name}/bootstrap/namespace.yaml`,
  `kubectl apply --server-side -f ${bundlePaths(name, files).get(delivery)}`,
  git && `kubectl apply --server-side -f ${git}/controllers.yaml`,
  encrypted
    ? `kubectl -n ${namespace} create secret generic ${decryptionSecret} --from-file=age.agekey=IDENTITY`
    : "",
  secret ? `kubectl -n ${namespace} create secret generic ${secret} ${credentials}` : "",
  "kubectl wait --for=condition=established --timeout=60s crd --all",
  `kubectl apply --server-side -f ${git ? `${git}/fleet.yaml` : `clusters/${name}/bootstrap/cluster.yaml`}`,
])}`;
}

function publisher(clusters: ClusterPlan[]): string {
  const names = shownOf(clusters.map(({ name }) => `\`${name}\``));
  return `
landfall itself handed the commits to ${names}, as Flux' ExternalArtifacts. \`git/<cluster>\` replaces that: \`controllers.yaml\` has
Flux' source-controller and source-watcher, \`fleet.yaml\` the GitRepository and what splits it into artifacts of the same
names; its \`kustomization.yaml\` lists what Flux applies first. \`clusters/<cluster>/bootstrap/cluster.yaml\` is for landfall's way
alone: do not apply it there.
`;
}

function byHand(cluster: ClusterPlan | undefined, files: ReadonlyMap<string, string>): string {
  if (!cluster) return "";
  const paths = bundlePaths(cluster.name, files);
  const secrets = cluster.bundles.filter(({ kind }) => kind === "secrets").map(({ name }) => paths.get(name));
  return block([
    `kubectl apply --server-side -f clusters/${cluster.name}/root/namespaces.yaml`,
    ...secrets.map(
      (path) => `for file in ${path}/*.yaml; do sops decrypt "$file" | kubectl apply -f -; done`,
    ),
    "while read -r path; do",
    '  kubectl apply --server-side -f "$path" && kubectl wait --for=condition=established --timeout=60s crd --all',
    `done < clusters/${cluster.name}/order.txt`,
  ]);
}

/** What was neither in the repository nor Flux' work. */
function leftToYou(plan: Plan): string {
  const source = plan.clusters.flatMap(({ images }) =>
    images.filter(({ recipe }) => recipe?.kind === "source"),
  );
  const images = [...new Set(source.map(({ ref }) => `\`${ref}\``))];
  const certificates = plan.clusters.some(({ bundles }) =>
    bundles.some(({ objects }) => objects.some(({ kind }) => kind === "Gateway")),
  );
  const items = [
    images.length > 0 &&
      `- **Images.** These were built from source folders: ${shownOf(images)}. Build them as you like and push them under names of your registry, named in the apps.`,
    certificates &&
      "- **Certificates.** A Gateway's listener for HTTPS names the Secret it has its certificate from. That Secret is not here; make it, or let cert-manager.",
    "- **Clusters.** One that landfall ran on a machine ends with it; start the fleet on another.",
  ].filter(Boolean);
  return `## What landfall did besides\n\n${items.join("\n")}\n`;
}
