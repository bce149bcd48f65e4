import { z } from "zod";
import {
  alertSink,
  anyEdge,
  configMap,
  contentName,
  definePart,
  field,
  gateway,
  httpProbe,
  networkPolicy,
  type Owner,
  optional,
  pageOption,
  pageRoute,
  partLabel,
  provide,
  scrapeAnnotations,
  service,
  serviceAccount,
  showsPages,
  workload,
} from "../../kit/index.ts";
import { toYaml } from "../../util/yaml.ts";

const name = "alertmanager";
const owner: Owner = { label: partLabel, name };
const port = 9093;
const image = "quay.io/prometheus/alertmanager:v0.28.1";

const options = z.object({
  webhook: field(
    z.url().optional(),
    "Where alerts are posted; without it they are kept for the page and the API.",
    "https://hooks.example.com/alerts",
  ),
  page: pageOption,
});

const hostOf = (domain: string) => `alertmanager.${domain}`;

export const alertmanager = definePart({
  id: name,
  title: "Alertmanager",
  category: "metrics",
  docs: "https://prometheus.io/docs/alerting/latest/alertmanager/",
  options,
  needs: { gateway: optional(gateway) },
  provides: [
    provide(alertSink, ({ namespace }) => ({
      host: `${name}.${namespace}.svc.cluster.local`,
      port,
      pods: { namespace, labels: { [partLabel]: name } },
    })),
  ],
  images: {
    alertmanager: {
      ref: image,
      recipe: {
        kind: "debian",
        packages: ["prometheus-alertmanager"],
        entrypoint: ["/usr/bin/prometheus-alertmanager"],
        version: "0.25.0",
      },
    },
  },
  pages: ({ company, cluster, options, needs }) =>
    needs.gateway && showsPages(options.page, cluster)
      ? [{ title: "Alertmanager", host: hostOf(company.domain) }]
      : [],
  render: ({ namespace, options, needs, cluster, company }) => {
    const files = { "alertmanager.yml": alertmanagerConfig(options.webhook) };
    const config = contentName(`${name}-config`, files);
    return [
      serviceAccount(name, namespace, owner),
      configMap(config, namespace, owner, files),
      workload({
        kind: "Deployment",
        name,
        namespace,
        owner,
        replicas: 1,
        // Two at once would post every alert twice: without gossip neither knows what the other sent.
        strategy: { type: "Recreate" },
        podAnnotations: scrapeAnnotations(port),
        pod: {
          serviceAccount: name,
          containers: [
            {
              name,
              image,
              args: [
                "--config.file=/etc/alertmanager/alertmanager.yml",
                "--storage.path=/data",
                // One instance: no gossip to wait for at start.
                "--cluster.listen-address=",
              ],
              ports: [{ name: "http", port, protocol: "http" }],
              mounts: [
                { name: "config", mountPath: "/etc/alertmanager", readOnly: true },
                { name: "data", mountPath: "/data" },
              ],
              resources: { cpu: "20m", memory: "48Mi", memoryLimit: "128Mi" },
              probes: {
                liveness: httpProbe("http", "/-/healthy", { periodSeconds: 10 }),
                readiness: httpProbe("http", "/-/ready", { periodSeconds: 2 }),
              },
            },
          ],
          volumes: [
            { name: "config", configMap: { name: config } },
            { name: "data", emptyDir: { sizeLimit: "128Mi" } },
          ],
        },
      }),
      service({ name, namespace, owner, ports: [{ name: "http", port, protocol: "http" }] }),
      // Whatever evaluates rules posts here; where alerts go on to is any address outside.
      networkPolicy({ name, namespace, owner, ingress: [{ ports: [{ port }] }], egress: [anyEdge] }),
      ...(needs.gateway && showsPages(options.page, cluster)
        ? [pageRoute({ name, namespace, owner, gateway: needs.gateway, host: hostOf(company.domain), port })]
        : []),
    ];
  },
});

function alertmanagerConfig(webhook: string | undefined): string {
  return toYaml({
    route: {
      receiver: "default",
      group_by: ["alertname", "app", "namespace"],
      group_wait: "10s",
      repeat_interval: "4h",
    },
    receivers: [
      { name: "default", ...(webhook && { webhook_configs: [{ url: webhook, send_resolved: true }] }) },
    ],
  });
}
