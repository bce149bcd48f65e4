/** What the programs in TypeScript say alike: plain values of the objects' fields. */
import type { AppFacts } from "./app-facts.ts";

export const namespace = "shop";

export const labelsOf = (name: string) => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/managed-by": "landfall",
  "landfall.dev/app": name,
});

export const selectorOf = (name: string) => ({ matchLabels: { "landfall.dev/app": name } });

const peer = (space: string, pods: Record<string, string>) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": space } },
  podSelector: { matchLabels: pods },
});

export const podsOf = (app: string) => peer(namespace, { "landfall.dev/app": app });

export const dnsServers = [
  peer("kube-system", { "k8s-app": "kube-dns" }),
  peer("openshift-dns", { "dns.operator.openshift.io/daemonset-dns": "default" }),
  { ipBlock: { cidr: "169.254.0.0/16" } },
];
export const dnsPorts = [53, 5353].flatMap((port) => ["UDP", "TCP"].map((protocol) => ({ port, protocol })));

const addressesOf = ({ calls }: AppFacts) =>
  calls.flatMap((callee) => {
    const prefix = callee.toUpperCase().replaceAll("-", "_");
    const value = `${callee}.${namespace}.svc.cluster.local:8080`;
    return [`${prefix}_ADDR`, `${prefix}_HTTP_ADDR`].map((name) => ({ name, value }));
  });

/** The container but for its resources and probes. */
export const containerOf = (app: AppFacts) => ({
  name: app.name,
  image: `registry.example.com/shop/${app.name}:${app.version}`,
  imagePullPolicy: "IfNotPresent",
  env: [
    ...addressesOf(app),
    { name: "APP_VERSION", value: app.version },
    { name: "LOG_LEVEL", value: app.logLevel },
    { name: "OTEL_SERVICE_NAME", value: app.name },
  ],
  ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
  lifecycle: { preStop: { sleep: { seconds: 5 } } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
  volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  terminationMessagePolicy: "FallbackToLogsOnError",
});

const spread = (topologyKey: string, name: string) => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: "ScheduleAnyway",
  labelSelector: selectorOf(name),
});

/** The pod but for its containers and volumes. */
export const podOf = ({ name }: AppFacts) => ({
  serviceAccountName: name,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
    fsGroup: 65532,
    seccompProfile: { type: "RuntimeDefault" },
  },
  terminationGracePeriodSeconds: 30,
  topologySpreadConstraints: [
    spread("topology.kubernetes.io/zone", name),
    spread("kubernetes.io/hostname", name),
  ],
});

export const autoscalerOf = ({ name, min, max }: AppFacts) => ({
  scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
  minReplicas: min,
  maxReplicas: max,
  metrics: [
    { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
  ],
});
