import { z } from "zod";
import {
  appLabel,
  clusterDns,
  definePart,
  dnsEdge,
  type Edge,
  field,
  gateway,
  httpProbe,
  isTested,
  metricsStore,
  networkPolicy,
  type Owner,
  optional,
  type PlacedApp,
  type PodGroup,
  partLabel,
  progressiveDelivery,
  provide,
  releaseTester,
  scrapeAnnotations,
  scrapeEdge,
  servedPorts,
  service,
  serviceAccount,
  workload,
} from "../../kit/index.ts";

const name = "load-tester";
const owner: Owner = { label: partLabel, name };
const port = 8080;
const ports = [{ name: "http", port, protocol: "http" as const }];
const image = "ghcr.io/fluxcd/flagger-loadtester:0.35.0";

export const loadTester = definePart({
  id: name,
  title: "Load tester",
  category: "release",
  docs: "https://docs.flagger.app/usage/webhooks#load-testing",
  options: z.object({
    timeout: field(
      z
        .string()
        .regex(/^\d+(s|m|h)$/, "must be a duration in seconds, minutes or hours such as 10m")
        .default("10m"),
      "How long a command may run before it is ended.",
      "10m",
    ),
    image: field(
      z.string().min(1).optional(),
      "An image of yours that starts the load tester and has further tools beside it.",
      "registry.example.com/load-tester:1.0.0",
    ),
  }),
  needs: {
    delivery: progressiveDelivery,
    gateway: optional(gateway),
    dns: optional(clusterDns),
    metricsStore: optional(metricsStore),
  },
  provides: [
    provide(releaseTester, ({ namespace }) => ({
      url: `http://${name}.${namespace}:${port}/`,
      pods: { namespace, labels: { [partLabel]: name } },
    })),
  ],
  images: {
    loadTester: {
      ref: image,
      recipe: {
        kind: "program",
        program: "loadtester",
        version: "0.35.0",
        with: { programs: ["hey"], debian: ["bash", "busybox", "curl", "jq"] },
        lacks: "wrk, ghz, bats, helm, kubectl and grpc_health_probe",
      },
    },
  },
  render: ({ namespace, options, needs, apps }) => {
    const tested = apps.filter(isTested);
    // Who asks for nothing to be run has nothing that could run anything.
    if (tested.length === 0) return [];
    const namespaces = [...new Set(tested.map((app) => app.namespace))].sort();
    return [
      serviceAccount(name, namespace, owner),
      workload({
        kind: "Deployment",
        name,
        namespace,
        owner,
        replicas: 1,
        podAnnotations: scrapeAnnotations(port),
        pod: {
          serviceAccount: name,
          containers: [
            {
              name,
              image: options.image ?? image,
              args: [
                `-port=${port}`,
                "-log-level=info",
                `-timeout=${options.timeout}`,
                `-namespace-regexp=^(${namespaces.join("|")})$`,
              ],
              ports,
              mounts: [{ name: "tmp", mountPath: "/tmp" }],
              // Every request's duration is kept until the end of a load.
              resources: { cpu: "50m", memory: "64Mi", memoryLimit: "512Mi" },
              probes: {
                liveness: httpProbe("http", "/healthz", { periodSeconds: 10, timeoutSeconds: 5 }),
                readiness: httpProbe("http", "/healthz", { periodSeconds: 2, timeoutSeconds: 5 }),
              },
            },
          ],
          volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
        },
      }),
      service({ name, namespace, owner, ports }),
      networkPolicy({
        name,
        namespace,
        owner,
        // It runs what it is told by whoever reaches it: that is the canary controller alone.
        ingress: [
          { pods: [needs.delivery.pods], ports: [{ port }] },
          ...scrapeEdge(needs.metricsStore, port),
        ],
        egress: [dnsEdge(needs.dns), ...edgesTo(tested, needs.gateway?.pods)],
      }),
    ];
  },
});

/** The apps it tests, and the gateway for those that visitors reach; the ports of its pods are nobody's to know. */
function edgesTo(tested: PlacedApp[], door: PodGroup | undefined): Edge[] {
  const edges = tested.map((app) => ({
    pods: [{ namespace: app.namespace, labels: { [appLabel]: app.name } }],
    ports: servedPorts(app.ports),
  }));
  const exposed = tested.some(({ spec }) => spec.expose.length > 0);
  return [...edges, ...(door && exposed ? [{ pods: [door], ports: [] }] : [])];
}
