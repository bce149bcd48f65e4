import { z } from "zod";
import {
  anyEdge,
  clusterRole,
  clusterRoleBinding,
  crdBundle,
  definePart,
  delivery,
  field,
  metricsStore,
  networkPolicy,
  type Owner,
  optional,
  type PartContext,
  partLabel,
  provide,
  scrapeEdge,
} from "../../kit/index.ts";
import { controller, sourceService } from "./controller.ts";
import { sourceRules } from "./rules.ts";

const name = "flux";
const owner: Owner = { label: partLabel, name };
const kustomizeController = "ghcr.io/fluxcd/kustomize-controller:v1.9.5";
const sourceController = "ghcr.io/fluxcd/source-controller:v1.9.5";
const sourceWatcher = "ghcr.io/fluxcd/source-watcher:v2.2.4";

/** A new revision need not wait until the health checks of a broken one run out of time. */
const featureGates = "--feature-gates=ExternalArtifact=true,CancelHealthCheckOnNewRevision=true";
const concurrent = 20;

const options = z.object({
  concurrent: field(
    z.int().min(1).max(100).default(concurrent),
    "How many Kustomizations are reconciled at once.",
    40,
  ),
  dependencyInterval: field(
    z
      .string()
      .regex(/^\d+s$/)
      .default("2s"),
    "How often a Kustomization looks whether what it waits for is ready.",
    "5s",
  ),
});
type Context = PartContext<
  z.output<typeof options>,
  { metricsStore: { pods: { namespace: string; labels: Record<string, string> } } | undefined }
>;

export const flux = definePart({
  id: name,
  title: "Flux",
  category: "delivery",
  docs: "https://fluxcd.io/flux/",
  namespace: "flux-system",
  options,
  needs: { metricsStore: optional(metricsStore) },
  provides: [provide(delivery, ({ namespace }) => ({ namespace }))],
  waivers: [
    {
      rule: "cluster-admin",
      reason: "it applies whatever the fleet repo declares, of any kind and anywhere",
    },
  ],
  images: {
    kustomizeController: {
      ref: kustomizeController,
      recipe: { kind: "program", program: "kustomize-controller", version: "1.9.5" },
    },
  },
  processes: [
    {
      program: "kustomize-controller",
      args: ({ port }) => [
        featureGates,
        `--health-addr=127.0.0.1:${port}`,
        "--metrics-addr=0",
        `--concurrent=${concurrent}`,
        "--requeue-dependency=2s",
        "--events-addr=",
      ],
      health: "/readyz",
    },
  ],
  render: (cx) => [
    ...crdBundle("flux"),
    ...(cx.fleet.url ? crdBundle("flux-source-watcher") : []),
    ...controllers(cx),
    networkPolicy({
      name,
      namespace: cx.namespace,
      owner,
      ingress: [
        ...scrapeEdge(cx.needs.metricsStore, 8080),
        ...(cx.fleet.url
          ? [{ pods: [{ namespace: cx.namespace, labels: { [partLabel]: name } }], ports: [{ port: 9090 }] }]
          : []),
      ],
      // Sources and Git hosts may be anywhere.
      egress: [anyEdge],
    }),
  ],
});

/** Only kustomize-controller where landfall publishes artifacts itself; with a Git host also what fetches and splits. */
function controllers({ namespace, options, fleet }: Context) {
  const objects = [
    ...controller({
      name: "kustomize-controller",
      namespace,
      owner,
      image: kustomizeController,
      args: [
        featureGates,
        `--concurrent=${options.concurrent}`,
        `--requeue-dependency=${options.dependencyInterval}`,
        "--watch-all-namespaces=true",
      ],
      memory: "128Mi",
    }),
    clusterRoleBinding(
      "landfall:kustomize-controller",
      "cluster-admin",
      { name: "kustomize-controller", namespace },
      owner,
    ),
  ];
  if (!fleet.url) return objects;
  return [
    ...objects,
    ...controller({
      name: "source-controller",
      namespace,
      owner,
      image: sourceController,
      args: [
        "--storage-path=/data",
        `--storage-adv-addr=source-controller.${namespace}.svc.cluster.local.`,
        "--watch-all-namespaces=true",
      ],
      memory: "96Mi",
      storage: true,
    }),
    ...controller({
      name: "source-watcher",
      namespace,
      owner,
      image: sourceWatcher,
      args: ["--storage-path=/data", `--storage-adv-addr=source-watcher.${namespace}.svc.cluster.local.`],
      memory: "96Mi",
      storage: true,
    }),
    sourceService("source-controller", namespace, owner),
    sourceService("source-watcher", namespace, owner),
    ...clusterRole({ name: "source-controller", namespace }, owner, sourceRules),
    ...clusterRole({ name: "source-watcher", namespace }, owner, sourceRules),
  ];
}
