import { z } from "zod";
import {
  anyEdge,
  canaryMetrics,
  clusterRole,
  definePart,
  disruptionBudget,
  field,
  gateway,
  gatewayApi,
  httpProbe,
  labelsOf,
  metricsStore,
  networkPolicy,
  type Owner,
  optional,
  type PartContext,
  partLabel,
  provide,
  scrapeAnnotations,
  scrapeEdge,
  service,
  serviceAccount,
  spread,
  workload,
} from "../../kit/index.ts";
import { buckets, requestsTo } from "./backend-metrics.ts";
import { rules } from "./rules.ts";

const name = "traefik";
const image = "docker.io/library/traefik:v3.6.12";
const owner: Owner = { label: partLabel, name };
const web = 8000;
const websecure = 8443;
const admin = 8080;

const options = z.object({
  replicas: field(z.int().min(1).default(1), "How many pods.", 2),
  tlsSecret: field(
    z.string().min(1).optional(),
    "The Secret with the certificate of the HTTPS listener. On local clusters `up` makes one, elsewhere there is no such listener without it.",
    "shop-tls",
  ),
  nodePorts: field(
    z.object({ http: z.int().default(30080), https: z.int().default(30443) }).prefault({}),
    "The node's ports on local clusters, where there is no load balancer.",
    { http: 30080, https: 30443 },
  ),
  accessLog: field(z.boolean().default(false), "Log every request as JSON.", true),
});

export const traefik = definePart({
  id: name,
  title: "Traefik",
  category: "network",
  docs: "https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-gateway/",
  options,
  needs: { api: gatewayApi, metricsStore: optional(metricsStore) },
  provides: [
    provide(gateway, ({ namespace }) => ({
      name,
      namespace,
      httpListener: "http",
      url: `http://${name}.${namespace}`,
      pods: { namespace, labels: { [partLabel]: name } },
    })),
    provide(canaryMetrics, () => ({ name, requestsTo: requestsTo(name) })),
  ],
  waivers: [
    { rule: "service-exposure", reason: "it is the gateway, the one door that the company's hosts lead to" },
  ],
  images: { traefik: { ref: image, recipe: { kind: "program", program: "traefik", version: "3.6.12" } } },
  render: (cx) => [
    serviceAccount(name, cx.namespace, owner),
    ...clusterRole({ name, namespace: cx.namespace }, owner, rules),
    deployment(cx),
    frontDoor(cx),
    ...gatewayObjects(cx),
    disruptionBudget(name, cx.namespace, owner, 1),
    networkPolicy({
      name,
      namespace: cx.namespace,
      owner,
      ingress: [{ ports: [{ port: web }, { port: websecure }] }, ...scrapeEdge(cx.needs.metricsStore, admin)],
      // It reaches whatever pods routes point to, on whatever ports they listen.
      egress: [anyEdge],
    }),
  ],
});

type Context = PartContext<z.output<typeof options>>;

/** The certificate of the HTTPS listener: one that is named, or the one that `up` makes on local clusters. */
function certificateOf({ cluster, options }: Context): string | undefined {
  return options.tlsSecret ?? (cluster.type === "local" ? "gateway-tls" : undefined);
}

function deployment({ namespace, cluster, options }: Context) {
  return workload({
    kind: "Deployment",
    name,
    namespace,
    owner,
    replicas: options.replicas,
    podAnnotations: scrapeAnnotations(admin),
    pod: {
      serviceAccount: name,
      apiAccess: true,
      containers: [
        {
          name,
          image,
          args: [
            `--entrypoints.web.address=:${web}`,
            `--entrypoints.websecure.address=:${websecure}`,
            `--entrypoints.traefik.address=:${admin}`,
            "--providers.kubernetesgateway=true",
            // A load balancer's address is copied to the Gateway's status; a node port has none of its own.
            ...(cluster.type === "local" ? [] : statusAddress(namespace)),
            "--ping=true",
            "--metrics.prometheus=true",
            "--metrics.prometheus.addrouterslabels=true",
            "--metrics.prometheus.addserviceslabels=true",
            `--metrics.prometheus.buckets=${buckets.join(",")}`,
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            "--log.format=json",
            ...(options.accessLog ? ["--accesslog=true", "--accesslog.format=json"] : []),
          ],
          ports: [
            { name: "web", port: web, protocol: "http" },
            { name: "websecure", port: websecure, protocol: "tcp" },
            { name: "admin", port: admin, protocol: "http" },
          ],
          mounts: [{ name: "tmp", mountPath: "/tmp" }],
          resources: { cpu: "100m", memory: "96Mi", memoryLimit: "256Mi" },
          probes: {
            liveness: httpProbe("admin", "/ping", { periodSeconds: 10 }),
            readiness: httpProbe("admin", "/ping", { periodSeconds: 2 }),
          },
          drainSeconds: 5,
        },
      ],
      ...(options.replicas > 1 && { extra: spread(owner) }),
      volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
    },
  });
}

function statusAddress(namespace: string): string[] {
  const flag = "--providers.kubernetesgateway.statusaddress.service";
  return [`${flag}.name=${name}`, `${flag}.namespace=${namespace}`];
}

/** What the world reaches: a load balancer's address, or ports of the node on a local cluster. */
function frontDoor(cx: Context) {
  const { namespace, cluster, options } = cx;
  const local = cluster.type === "local";
  const object = service({ name, namespace, owner, ports: [] });
  const port = (portName: string, number: number, target: string, nodePort: number) => ({
    name: portName,
    port: number,
    targetPort: target,
    protocol: "TCP",
    ...(local && { nodePort }),
  });
  return {
    ...object,
    spec: {
      ...(object.spec as object),
      type: local ? "NodePort" : "LoadBalancer",
      ports: [
        port("http", 80, "web", options.nodePorts.http),
        ...(certificateOf(cx) ? [port("https", 443, "websecure", options.nodePorts.https)] : []),
      ],
    },
  };
}

/** Traefik matches a listener to the entry point with the same port, so listeners name the pods' ports. */
function gatewayObjects(cx: Context) {
  const { namespace } = cx;
  const certificate = certificateOf(cx);
  const labels = labelsOf(owner);
  const api = "gateway.networking.k8s.io/v1";
  const allowedRoutes = { namespaces: { from: "All" } };
  return [
    {
      apiVersion: api,
      kind: "GatewayClass",
      metadata: { name, labels },
      spec: { controllerName: "traefik.io/gateway-controller" },
    },
    {
      apiVersion: api,
      kind: "Gateway",
      metadata: { name, namespace, labels },
      spec: {
        gatewayClassName: name,
        listeners: [
          { name: "http", port: web, protocol: "HTTP", allowedRoutes },
          ...(certificate
            ? [
                {
                  name: "https",
                  port: websecure,
                  protocol: "HTTPS",
                  allowedRoutes,
                  tls: { mode: "Terminate", certificateRefs: [{ kind: "Secret", name: certificate }] },
                },
              ]
            : []),
        ],
      },
    },
  ];
}
