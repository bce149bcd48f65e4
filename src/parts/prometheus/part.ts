import { z } from "zod";
import {
  alertSink,
  anyEdge,
  blockStorage,
  bytes,
  bytesIn,
  clusterRole,
  configMap,
  contentName,
  definePart,
  duration,
  field,
  gateway,
  headlessService,
  httpProbe,
  metricsStore,
  networkPolicy,
  type Owner,
  optional,
  type PartContext,
  pageOption,
  pageRoute,
  partLabel,
  provide,
  ruleGroups,
  scrapeAnnotations,
  service,
  serviceAccount,
  showsPages,
  workload,
} from "../../kit/index.ts";
import { milliseconds } from "../../util/durations.ts";
import { toYaml } from "../../util/yaml.ts";
import { ruleFiles } from "./rule-files.ts";
import { scrapeConfigs } from "./scrape.ts";

const name = "prometheus";
const owner: Owner = { label: partLabel, name };
const port = 9090;
const MiB = 2 ** 20;
const ports = [{ name: "http", port, protocol: "http" as const }];
const image = "quay.io/prometheus/prometheus:v3.13.5";

const options = z.object({
  retention: field(duration.default("7d"), "How long samples are kept.", "15d"),
  size: field(bytes.default("2Gi"), "The size of its volume; samples are dropped before it is full.", "20Gi"),
  interval: field(duration.default("15s"), "How often everything is scraped.", "30s"),
  memory: field(bytes.default("1Gi"), "Its memory limit; it grows with the number of series.", "4Gi"),
  storageClass: field(
    z.string().min(1).optional(),
    "The storage class of its volume instead of the cluster's own.",
    "fast-ssd",
  ),
  kubeletTls: field(
    z.enum(["verify", "skip"]).default("verify"),
    "Whether kubelets' certificates are checked against the cluster's CA; many distributions sign them otherwise.",
    "skip",
  ),
  page: pageOption,
});
type Options = z.output<typeof options>;

const hostOf = (domain: string) => `prometheus.${domain}`;

export const prometheus = definePart({
  id: name,
  title: "Prometheus",
  category: "metrics",
  docs: "https://prometheus.io/docs/",
  options,
  needs: { alertSink: optional(alertSink), gateway: optional(gateway), storage: optional(blockStorage) },
  provides: [
    provide(metricsStore, ({ namespace, options: { interval } }: PartContext<Options>) => ({
      url: `http://${name}.${namespace}.svc.cluster.local:${port}`,
      pods: { namespace, labels: { [partLabel]: name } },
      scrapeMs: milliseconds(interval),
    })),
  ],
  images: {
    prometheus: {
      ref: image,
      // Not Debian's, which is built without Kubernetes' service discovery.
      recipe: { kind: "program", program: name, version: "3.13.5", lacks: "its web pages" },
    },
  },
  pages: ({ company, cluster, options, needs }) =>
    needs.gateway && showsPages(options.page, cluster)
      ? [{ title: "Prometheus", host: hostOf(company.domain), image }]
      : [],
  render: (cx) => {
    const { namespace, options, needs } = cx;
    const maps = configMaps(cx);
    const page = needs.gateway && showsPages(options.page, cx.cluster);
    return [
      serviceAccount(name, namespace, owner),
      ...clusterRole({ name, namespace }, owner, [
        { apiGroups: [""], resources: ["pods", "nodes", "namespaces"], verbs: ["get", "list", "watch"] },
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      ]),
      ...maps.map(({ name, files }) => configMap(name, namespace, owner, files)),
      server(
        cx,
        maps.map(({ name }) => name),
      ),
      service({ name, namespace, owner, ports }),
      headlessService({ name, namespace, owner, ports }),
      networkPolicy({
        name,
        namespace,
        owner,
        // Its API is read by whatever decides on metrics: canaries, autoscalers, dashboards, the console.
        ingress: [{ ports: [{ port }] }],
        egress: [anyEdge],
      }),
      ...(page && needs.gateway
        ? [
            pageRoute({
              name,
              namespace,
              owner,
              gateway: needs.gateway,
              host: hostOf(cx.company.domain),
              port,
            }),
          ]
        : []),
    ];
  },
});

type Context = PartContext<
  Options,
  { alertSink: { host: string; port: number } | undefined; storage: { storageClass: string } | undefined }
>;

/** With a provisioner samples outlive the pod; without one they are as lasting as the pod. */
function server({ namespace, options, needs }: Context, configs: string[]) {
  const storageClass = options.storageClass ?? needs.storage?.storageClass;
  return workload({
    kind: "StatefulSet",
    name,
    namespace,
    owner,
    replicas: 1,
    podAnnotations: scrapeAnnotations(port),
    claims: storageClass
      ? [
          {
            metadata: { name: "data" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: storageClass,
              resources: { requests: { storage: options.size } },
            },
          },
        ]
      : [],
    pod: {
      serviceAccount: name,
      apiAccess: true,
      containers: [
        {
          name,
          image,
          args: [
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/data",
            `--storage.tsdb.retention.time=${options.retention}`,
            `--storage.tsdb.retention.size=${retentionSize(options.size)}`,
          ],
          ports,
          mounts: [
            { name: "config", mountPath: "/etc/prometheus", readOnly: true },
            { name: "data", mountPath: "/data" },
          ],
          resources: { cpu: "100m", memory: memoryRequest(options.memory), memoryLimit: options.memory },
          probes: {
            startup: httpProbe("http", "/-/ready", { periodSeconds: 1, failureThreshold: 300 }),
            liveness: httpProbe("http", "/-/healthy", { periodSeconds: 10 }),
            readiness: httpProbe("http", "/-/ready", { periodSeconds: 5 }),
          },
        },
      ],
      volumes: [
        { name: "config", projected: { sources: configs.map((name) => ({ configMap: { name } })) } },
        ...(storageClass ? [] : [{ name: "data", emptyDir: { sizeLimit: options.size } }]),
      ],
      terminationGraceSeconds: 60,
    },
  });
}

/** A request may not be above its limit. */
function memoryRequest(limit: string): string {
  return bytesIn(limit) < 256 * MiB ? limit : "256Mi";
}

/** Four fifths of the volume in Prometheus' own units, so that its write-ahead log has room beside the blocks. */
function retentionSize(size: string): string {
  return `${Math.max(1, Math.floor((bytesIn(size) / MiB) * 0.8))}MB`;
}

/** The config, and its rules in as many ConfigMaps as they need; one volume shows them side by side. */
function configMaps(cx: Context): { name: string; files: Record<string, string> }[] {
  const named = (of: string, files: Record<string, string>) => ({ name: contentName(of, files), files });
  return [
    named(`${name}-config`, { "prometheus.yml": toYaml(configOf(cx)) }),
    ...Object.entries(ruleFiles(cx.collected(ruleGroups))).map(([file, text]) =>
      named(`${name}-${file.replace(".yml", "")}`, { [file]: text }),
    ),
  ];
}

function configOf({ options, needs, cluster, company }: Context): object {
  return {
    global: {
      scrape_interval: options.interval,
      evaluation_interval: options.interval,
      external_labels: { cluster: cluster.name, company: company.name },
    },
    rule_files: ["/etc/prometheus/rules-*.yml"],
    ...(needs.alertSink && {
      alerting: {
        alertmanagers: [
          { static_configs: [{ targets: [`${needs.alertSink.host}:${needs.alertSink.port}`] }] },
        ],
      },
    }),
    scrape_configs: scrapeConfigs(options.kubeletTls),
  };
}
