import { z } from "zod";
import {
  apiServerEdge,
  clusterDns,
  clusterRole,
  configMap,
  definePart,
  disruptionBudget,
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
  workload,
} from "../../kit/index.ts";

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
    z.array(z.ipv4()).default([]),
    "Resolvers for names outside the cluster; none: such names are answered with NXDOMAIN.",
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
  render: ({ namespace, options: { clusterIp, upstream, replicas }, needs }) => {
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
      configMap(name, namespace, owner, { Corefile: corefile(upstream) }),
      workload({
        kind: "Deployment",
        name,
        namespace,
        owner,
        replicas,
        podAnnotations: {
          ...scrapeAnnotations(metricsPort),
          "landfall.dev/upstream": upstream.join(" ") || "none",
        },
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
          volumes: [{ name: "config", configMap: { name } }],
          extra: { dnsPolicy: "Default", priorityClassName: "system-cluster-critical" },
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
        egress: [
          apiServerEdge,
          ...(upstream.length > 0
            ? [
                {
                  cidrs: upstream.map((ip) => `${ip}/32`),
                  ports: [{ port: 53, protocol: "UDP" as const }, { port: 53 }],
                },
              ]
            : []),
        ],
      }),
    ];
  },
});

function corefile(upstream: string[]): string {
  const forward = upstream.length > 0 ? `\n    forward . ${upstream.join(" ")}` : "";
  return `.:${dnsPort} {
    errors
    health :8080 {
        lameduck 2s
    }
    ready :8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :${metricsPort}${forward}
    cache 30
    loop
    reload
    loadbalance
}
`;
}
