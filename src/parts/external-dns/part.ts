import {
  apiServerEdge,
  clusterDns,
  clusterRole,
  contribute,
  crdBundle,
  type DnsZone,
  definePart,
  dnsEdge,
  dnsZone,
  type Edge,
  gatewayApi,
  httpProbe,
  metricsStore,
  namespacedRole,
  networkPolicy,
  type Owner,
  optional,
  partLabel,
  provide,
  ruleGroups,
  scrapeAnnotations,
  scrapeEdge,
  serviceAccount,
  workload,
} from "../../kit/index.ts";
import { milliseconds } from "../../util/durations.ts";
import { credentialVariable, flagsOf, type Task } from "./flags.ts";
import { type Context, options, ownerOf, serverOf, zonesOf } from "./options.ts";
import { alerts, endpointRules, routeRules } from "./rules.ts";

const name = "external-dns";
const owner: Owner = { label: partLabel, name };
const port = 7979;
const image = "registry.k8s.io/external-dns/external-dns:v0.22.0";

export const externalDns = definePart({
  id: name,
  title: "external-dns",
  category: "network",
  docs: "https://kubernetes-sigs.github.io/external-dns/",
  options,
  needs: { api: gatewayApi, dns: optional(clusterDns), metricsStore: optional(metricsStore) },
  provides: [provide(dnsZone, (cx) => zoneOf(cx as Context))],
  contributes: [contribute(ruleGroups, (cx) => (tasksOf(cx as Context).length > 0 ? [alerts] : []))],
  images: {
    externalDns: { ref: image, recipe: { kind: "program", program: name, version: "0.22.0" } },
  },
  render: (cx) => {
    const { namespace, needs } = cx;
    const tasks = tasksOf(cx);
    if (tasks.length === 0) return [];
    const account = { name, namespace };
    return [
      ...crdBundle("external-dns"),
      serviceAccount(name, namespace, owner),
      ...(tasks.includes("routes")
        ? clusterRole(account, owner, routeRules)
        : namespacedRole(account, owner, endpointRules)),
      ...tasks.map((task) => deployment(task, cx)),
      networkPolicy({
        name,
        namespace,
        owner,
        ingress: scrapeEdge(needs.metricsStore, port),
        egress: [apiServerEdge, dnsEdge(needs.dns), serverEdge(cx)],
      }),
    ];
  },
});

function zoneOf(cx: Context): DnsZone {
  const { hub, ttl, weights, provider } = cx.options;
  const { host, port: updates } = serverOf(cx);
  return {
    zones: zonesOf(cx),
    hub,
    namespace: cx.namespace,
    ttl: Math.max(1, Math.round(milliseconds(ttl) / 1000)),
    weightsZone: weights,
    owner: ownerOf(cx),
    server: { host, port: provider === "rfc2136" ? updates : 53 },
  };
}

/** What runs on a cluster: its own routes' records, or on the hub those of all; nothing on the hub's other clusters. */
function tasksOf({ options, cluster }: Context): Task[] {
  if (!options.hub) return ["routes"];
  if (options.hub !== cluster.name) return [];
  return options.weights ? ["names", "weights"] : ["names"];
}

function deployment(task: Task, cx: Context) {
  const { namespace, options } = cx;
  const { secret, provider } = options;
  return workload({
    kind: "Deployment",
    name: task === "weights" ? `${name}-weights` : name,
    namespace,
    owner,
    replicas: 1,
    // Two at once would both write.
    strategy: { type: "Recreate" },
    podAnnotations: scrapeAnnotations(port),
    pod: {
      serviceAccount: name,
      apiAccess: true,
      containers: [
        {
          name,
          image,
          args: flagsOf(task, cx),
          env: [
            {
              name: credentialVariable(provider),
              valueFrom: { secretKeyRef: { name: secret, key: "value" } },
            },
          ],
          ports: [{ name: "http", port, protocol: "http" }],
          resources: { cpu: "20m", memory: "64Mi", memoryLimit: "256Mi" },
          probes: {
            liveness: httpProbe("http", "/healthz", { periodSeconds: 10, timeoutSeconds: 5 }),
            readiness: httpProbe("http", "/healthz", { periodSeconds: 2, timeoutSeconds: 5 }),
          },
        },
      ],
    },
  });
}

/** The edge to the DNS server; a name may have any address. */
function serverEdge(cx: Context): Edge {
  const { port: to, cidrs } = serverOf(cx);
  const both: Edge["ports"] = [{ port: to }, { port: to, protocol: "UDP" }];
  return {
    ...(cidrs.length > 0 && { cidrs }),
    ports: cx.options.provider === "pdns" ? [{ port: to }] : both,
  };
}
