import { z } from "zod";
import {
  apiServerEdge,
  clusterDns,
  clusterRole,
  configMap,
  contentName,
  definePart,
  disruptionBudget,
  type Edge,
  field,
  httpProbe,
  metricsStore,
  networkPolicy,
  type Owner,
  optional,
  partLabel,
  provide,
  scrapeAnnotations,
  scrapeEdge,
  service,
  serviceAccount,
  spread,
  workload,
} from "../../kit/index.ts";
import { corefile, type Resolvers } from "./corefile.ts";

const name = "coredns";
const owner: Owner = { label: partLabel, name };
const dnsPort = 5353;
const metricsPort = 9153;
const image = "registry.k8s.io/coredns/coredns:v1.15.0";
const pods = { namespace: "kube-system", labels: { [partLabel]: name } };

const options = z.object({
  clusterIp: field(
    z.ipv4().default("10.96.0.10"),
    "The address kubelets give to pods as their resolver.",
    "10.96.0.10",
  ),
  upstream: field(
    z.array(z.ipv4()).optional(),
    "Resolvers for names outside the cluster; an empty list: NXDOMAIN for such names, the default on local clusters. Elsewhere the node's own by default.",
    ["192.0.2.53"],
  ),
  replicas: field(z.int().min(1).default(1), "How many pods.", 2),
});

export const coredns = definePart({
  id: name,
  title: "CoreDNS",
  category: "network",
  docs: "https://coredns.io",
  namespace: "kube-system",
  options,
  needs: { metricsStore: optional(metricsStore) },
  provides: [
    provide(clusterDns, (cx) => ({
      ip: (cx.options as z.output<typeof options>).clusterIp,
      port: dnsPort,
      pods,
    })),
  ],
  images: { coredns: { ref: image, recipe: { kind: "program", program: "coredns", version: "1.15.0" } } },
  render: ({ namespace, cluster, options: { clusterIp, upstream, replicas }, needs }) => {
    const resolvers = upstream ?? (cluster.type === "local" ? [] : "node");
    const files = { Corefile: corefile(resolvers, { dns: dnsPort, metrics: metricsPort }) };
    const config = contentName(name, files);
    const dns = service({
      name: "kube-dns",
      namespace,
      owner,
      clusterIp,
      selector: { "app.kubernetes.io/name": name },
      ports: [],
    });
    const ports = [
      { name: "dns", port: 53, targetPort: dnsPort, protocol: "UDP" },
      { name: "dns-tcp", port: 53, targetPort: dnsPort, protocol: "TCP" },
    ];
    return [
      serviceAccount(name, namespace, owner),
      ...clusterRole({ name, namespace }, owner, [
        {
          apiGroups: [""],
          resources: ["endpoints", "services", "pods", "namespaces"],
          verbs: ["list", "watch"],
        },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      ]),
      configMap(config, namespace, owner, files),
      workload({
        kind: "Deployment",
        name,
        namespace,
        owner,
        replicas,
        podAnnotations: scrapeAnnotations(metricsPort),
        pod: {
          serviceAccount: name,
          apiAccess: true,
          containers: [
            {
              name,
              image,
              args: ["-conf", "/etc/coredns/Corefile"],
              ports: [{ name: "metrics", port: metricsPort, protocol: "http" }],
              mounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
              resources: { cpu: "50m", memory: "64Mi", memoryLimit: "170Mi" },
              probes: {
                liveness: httpProbe(8080, "/health", { periodSeconds: 10, failureThreshold: 5 }),
                readiness: httpProbe(8181, "/ready", { periodSeconds: 2 }),
              },
              drainSeconds: 3,
            },
          ],
          volumes: [{ name: "config", configMap: { name: config } }],
          extra: {
            dnsPolicy: "Default",
            priorityClassName: "system-cluster-critical",
            ...(replicas > 1 && spread(owner)),
          },
        },
      }),
      { ...dns, spec: { ...(dns.spec as object), ports } },
      disruptionBudget(name, namespace, owner, 1),
      networkPolicy({
        name,
        namespace,
        owner,
        ingress: [
          { ports: [{ port: dnsPort, protocol: "UDP" }, { port: dnsPort }] },
          ...scrapeEdge(needs.metricsStore, metricsPort),
        ],
        egress: [apiServerEdge, ...resolverEdges(resolvers)],
      }),
    ];
  },
});

/** The node's resolver may have any address. */
function resolverEdges(resolvers: Resolvers): Edge[] {
  if (resolvers.length === 0) return [];
  const ports: Edge["ports"] = [{ port: 53, protocol: "UDP" }, { port: 53 }];
  return [{ ...(resolvers !== "node" && { cidrs: resolvers.map((ip) => `${ip}/32`) }), ports }];
}
