import { z } from "zod";
import {
  anyEdge,
  type CanaryMetrics,
  canaryMetrics,
  clusterRole,
  contribute,
  crdBundle,
  definePart,
  field,
  gatewayApi,
  httpProbe,
  metricsStore,
  networkPolicy,
  type Owner,
  optional,
  type PartContext,
  type ProgressiveDelivery,
  partLabel,
  progressiveDelivery,
  provide,
  type ReleaseTester,
  releaseTester,
  ruleGroups,
  scrapeAnnotations,
  scrapeEdge,
  serviceAccount,
  workload,
} from "../../kit/index.ts";
import { gatewayProvider } from "./canary.ts";
import { dashboardMap } from "./dashboard.ts";
import { releaseObjects } from "./release-objects.ts";
import { releaseRules } from "./release-rules.ts";
import { rules } from "./rules.ts";

const name = "flagger";
const owner: Owner = { label: partLabel, name };
const port = 8080;
const image = "ghcr.io/fluxcd/flagger:1.41.0";

interface Needs {
  metricsStore: { url: string };
  gatewayMetrics: CanaryMetrics | undefined;
  tester: ReleaseTester | undefined;
}

export const flagger = definePart({
  id: name,
  title: "Flagger",
  category: "release",
  docs: "https://docs.flagger.app",
  options: z.object({
    logLevel: field(z.enum(["debug", "info", "warn", "error"]).default("info"), "How much it logs.", "debug"),
    dashboard: field(
      z.boolean().default(true),
      "Keep the dashboard of releases as a ConfigMap labelled `grafana_dashboard`, where Grafana's sidecar finds it.",
      true,
    ),
  }),
  needs: {
    api: gatewayApi,
    metricsStore,
    gatewayMetrics: optional(canaryMetrics),
    tester: optional(releaseTester),
  },
  provides: [
    provide(progressiveDelivery, ({ namespace, needs }: PartContext<unknown, Needs>): ProgressiveDelivery => {
      const { url } = needs.metricsStore;
      const { tester } = needs;
      const gateway = needs.gatewayMetrics;
      return {
        provider: gatewayProvider,
        pods: { namespace, labels: { [partLabel]: name } },
        tester,
        metrics: { url, gateway: gateway?.name },
        objectsOf: (app, through) =>
          releaseObjects(app, { address: url, gateway, tester, routes: through.gateway }),
      };
    }),
  ],
  contributes: [contribute(ruleGroups, ({ apps }) => apps.flatMap(releaseRules))],
  images: { flagger: { ref: image, recipe: { kind: "program", program: "flagger", version: "1.41.0" } } },
  render: ({ namespace, options, needs }) => [
    ...crdBundle("flagger"),
    ...(options.dashboard ? [dashboardMap(namespace, owner)] : []),
    serviceAccount(name, namespace, owner),
    ...clusterRole({ name, namespace }, owner, rules),
    workload({
      kind: "Deployment",
      name,
      namespace,
      owner,
      replicas: 1,
      // Two at once would both move weights.
      strategy: { type: "Recreate" },
      podAnnotations: scrapeAnnotations(port),
      pod: {
        serviceAccount: name,
        apiAccess: true,
        containers: [
          {
            name,
            image,
            args: [
              `-log-level=${options.logLevel}`,
              `-mesh-provider=${gatewayProvider}`,
              `-metrics-server=${needs.metricsStore.url}`,
              "-enable-leader-election=false",
              "-include-label-prefix=app.kubernetes.io/,landfall.dev/",
            ],
            ports: [{ name: "http", port, protocol: "http" }],
            mounts: [{ name: "tmp", mountPath: "/tmp" }],
            resources: { cpu: "20m", memory: "64Mi", memoryLimit: "256Mi" },
            probes: {
              liveness: httpProbe("http", "/healthz", { periodSeconds: 10, timeoutSeconds: 5 }),
              readiness: httpProbe("http", "/healthz", { periodSeconds: 2, timeoutSeconds: 5 }),
            },
          },
        ],
        volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
      },
    }),
    networkPolicy({
      name,
      namespace,
      owner,
      ingress: scrapeEdge(needs.metricsStore, port),
      // Webhooks of canaries may be anywhere.
      egress: [anyEdge],
    }),
  ],
});
