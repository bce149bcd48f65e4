import {
  alertSink,
  anyEdge,
  clusterRole,
  configMap,
  contentName,
  definePart,
  delivery,
  disruptionBudget,
  dnsZone,
  httpProbe,
  type KubernetesObject,
  labelsOf,
  metricsStore,
  networkPolicy,
  type Owner,
  optional,
  partLabel,
  roleBinding,
  scrapeAnnotations,
  scrapeEdge,
  serviceAccount,
  spread,
  workload,
} from "../../kit/index.ts";
import { type Context, options, servicesOf } from "./options.ts";
import { elected, keptNames, observed, proxied, sharedRoutes } from "./rules.ts";
import { isSsh, paths, settingsOf } from "./settings.ts";

const name = "release-engine";
const owner: Owner = { label: partLabel, name };
const port = 8080;
const image = "landfall.dev/release-engine:0.1.0";

export const releaseEngine = definePart({
  id: name,
  title: "Release engine",
  category: "release",
  docs: "https://kubernetes.io/docs/concepts/architecture/leases/",
  options,
  needs: {
    delivery,
    metricsStore: optional(metricsStore),
    alertSink: optional(alertSink),
    dnsZone: optional(dnsZone),
  },
  images: {
    engine: {
      ref: image,
      recipe: {
        kind: "source",
        language: "node",
        // landfall's own package; its .landfallignore says what of it the engine is made of.
        root: `${import.meta.dirname}/../../..`,
        path: ".",
        shared: [],
        node: {
          debian: ["git", "openssh-client"],
          entry: ["--disable-warning=ExperimentalWarning", "src/cli/main.ts"],
          bare: true,
        },
      },
    },
  },
  render: (cx) => [
    serviceAccount(name, cx.namespace, owner),
    ...clusterRole({ name, namespace: cx.namespace }, owner, [
      ...observed,
      ...(sharesNames(cx) ? sharedRoutes : []),
    ]),
    ...proxyRights(cx),
    ...dnsRights(cx),
    ...(cx.options.hub === cx.cluster.name && cx.fleet.url !== undefined ? engine(cx) : []),
  ],
});

/** Rights in a namespace by a ClusterRole and a binding there: a part's own objects of a namespace stay in its own. */
function bound(role: string, namespace: string, cx: Context, rules: object[]): KubernetesObject[] {
  const bound = `landfall:${role}`;
  const metadata = { name: bound, labels: labelsOf(owner, name) };
  const account = { name, namespace: cx.namespace };
  return [
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, rules },
    roleBinding({ name: bound, namespace }, { kind: "ClusterRole", name: bound }, account, owner),
  ];
}

/** Gates ask the metrics store, failures are told to the alert sink: each by its Service alone. */
function proxyRights(cx: Context): KubernetesObject[] {
  const { metrics, alerts } = servicesOf(cx);
  const service = (url: string) => {
    const { hostname, port: number } = new URL(url);
    return [hostname.split(".")[0] ?? "", Number(number)] as const;
  };
  return [
    ...(metrics
      ? bound(`${name}-metrics`, metrics.namespace, cx, proxied(...service(metrics.url), ["get"]))
      : []),
    ...(alerts
      ? bound(`${name}-alerts`, alerts.namespace, cx, proxied(...service(alerts.url), ["create"]))
      : []),
  ];
}

/** An engine on a hub keeps the names that clusters share, too. */
function sharesNames({ needs, options: { hub }, fleet }: Context): boolean {
  return hub !== undefined && fleet.url !== undefined && needs.dnsZone?.hub !== undefined;
}

/** On the cluster that writes the records of all: what is wanted of them, and the lease of the one that says it. */
function dnsRights(cx: Context): KubernetesObject[] {
  const { dnsZone: zone } = cx.needs;
  if (!zone || zone.hub !== cx.cluster.name || !sharesNames(cx)) return [];
  return bound(`${name}-dns`, zone.namespace, cx, [...keptNames, ...elected("landfall-dns")]);
}

/** The engine itself. */
function engine(cx: Context): KubernetesObject[] {
  const { namespace, needs, options: chosen } = cx;
  const files = settingsOf(cx, { lease: name, port });
  const settings = contentName(name, files);
  return [
    configMap(settings, namespace, owner, files),
    ...bound(`${name}-lease`, namespace, cx, elected(name)),
    ...(chosen.standby ? [disruptionBudget(name, namespace, owner, 1)] : []),
    workload({
      kind: "Deployment",
      name,
      namespace,
      owner,
      replicas: chosen.standby ? 2 : 1,
      podAnnotations: scrapeAnnotations(port),
      pod: {
        serviceAccount: name,
        apiAccess: true,
        containers: [
          {
            name,
            image: chosen.image ?? image,
            args: ["release", "run", "--json", "--hub", `${paths.settings}/hub.json`],
            env: [
              { name: "LANDFALL_HOME", value: "/var/lib/landfall" },
              ...(isSsh(cx) ? [] : [{ name: "GIT_ASKPASS", value: `${paths.settings}/askpass` }]),
            ],
            ports: [{ name: "http", port, protocol: "http" }],
            mounts: [
              { name: "settings", mountPath: paths.settings, readOnly: true },
              { name: "credentials", mountPath: paths.credentials, readOnly: true },
              ...(chosen.kubeconfig ? [{ name: "clusters", mountPath: paths.clusters, readOnly: true }] : []),
              ...(isSsh(cx)
                ? [{ name: "settings", mountPath: paths.ssh, subPath: "ssh.conf", readOnly: true }]
                : []),
              { name: "data", mountPath: "/var/lib/landfall" },
              { name: "tmp", mountPath: "/tmp" },
            ],
            resources: { cpu: "50m", memory: "192Mi", memoryLimit: "512Mi" },
            probes: {
              liveness: httpProbe("http", "/healthz", { periodSeconds: 10, timeoutSeconds: 5 }),
              readiness: httpProbe("http", "/healthz", { periodSeconds: 2, timeoutSeconds: 5 }),
            },
          },
        ],
        volumes: [
          { name: "settings", configMap: { name: settings, defaultMode: 0o555 } },
          { name: "credentials", secret: { secretName: chosen.credentials, defaultMode: 0o440 } },
          ...(chosen.kubeconfig
            ? [{ name: "clusters", secret: { secretName: chosen.kubeconfig, defaultMode: 0o440 } }]
            : []),
          // The fleet repo's history as it was read: gone with the pod, and fetched again.
          { name: "data", emptyDir: { sizeLimit: "2Gi" } },
          { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ],
        extra: spread(owner),
      },
    }),
    networkPolicy({
      name,
      namespace,
      owner,
      ingress: scrapeEdge(needs.metricsStore, port),
      // The Git host, the other clusters and what gates ask may be anywhere.
      egress: [anyEdge],
    }),
  ];
}
