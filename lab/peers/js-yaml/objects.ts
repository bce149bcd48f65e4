/** The five objects of one app as plain values: what a script without any tool would hold. */
import type { AppFacts } from "../app-facts.ts";

const namespace = "shop";
const registry = "registry.example.com/shop";

export function objectsOf(app: AppFacts): object[] {
  return [serviceAccount(app), deployment(app), service(app), networkPolicy(app), autoscaler(app)];
}

const labelsOf = (name: string) => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/managed-by": "landfall",
  "landfall.dev/app": name,
});

const metadataOf = ({ name }: AppFacts) => ({ name, namespace, labels: labelsOf(name) });

const serviceAccount = (app: AppFacts) => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: metadataOf(app),
  automountServiceAccountToken: false,
});

const service = (app: AppFacts) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: metadataOf(app),
  spec: {
    selector: { "app.kubernetes.io/name": app.name },
    ports: [{ name: "http", port: 8080, targetPort: "http", protocol: "TCP", appProtocol: "http" }],
  },
});

const autoscaler = (app: AppFacts) => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: metadataOf(app),
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: app.name },
    minReplicas: app.min,
    maxReplicas: app.max,
    metrics: [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
      },
    ],
  },
});

const podsOf = (app: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  podSelector: { matchLabels: { "landfall.dev/app": app } },
});

const dns = {
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "openshift-dns" } },
      podSelector: { matchLabels: { "dns.operator.openshift.io/daemonset-dns": "default" } },
    },
    { ipBlock: { cidr: "169.254.0.0/16" } },
  ],
  ports: [53, 5353].flatMap((port) => ["UDP", "TCP"].map((protocol) => ({ port, protocol }))),
};

const networkPolicy = (app: AppFacts) => {
  const ports = [{ port: 8080, protocol: "TCP" }];
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadataOf(app),
    spec: {
      podSelector: { matchLabels: { "landfall.dev/app": app.name } },
      policyTypes: ["Ingress", "Egress"],
      ingress: app.callers.length > 0 ? [{ from: app.callers.map(podsOf), ports }] : [],
      egress: [dns, ...app.calls.map((callee) => ({ to: [podsOf(callee)], ports }))],
    },
  };
};

const addressesOf = ({ calls }: AppFacts) =>
  calls.flatMap((callee) => {
    const prefix = callee.toUpperCase().replaceAll("-", "_");
    const value = `${callee}.${namespace}.svc.cluster.local:8080`;
    return [`${prefix}_ADDR`, `${prefix}_HTTP_ADDR`].map((name) => ({ name, value }));
  });

const tcpProbe = (periodSeconds: number, failureThreshold: number, timeoutSeconds: number) => ({
  tcpSocket: { port: "http" },
  periodSeconds,
  failureThreshold,
  timeoutSeconds,
});

const container = (app: AppFacts) => ({
  name: app.name,
  image: `${registry}/${app.name}:${app.version}`,
  imagePullPolicy: "IfNotPresent",
  env: [
    ...addressesOf(app),
    { name: "APP_VERSION", value: app.version },
    { name: "LOG_LEVEL", value: app.logLevel },
    { name: "OTEL_SERVICE_NAME", value: app.name },
  ],
  ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
  resources: { requests: { cpu: app.cpu, memory: app.memory }, limits: { memory: app.memoryLimit } },
  startupProbe: tcpProbe(1, 60, 2),
  livenessProbe: tcpProbe(10, 3, 3),
  readinessProbe: tcpProbe(5, 2, 3),
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
  labelSelector: { matchLabels: { "landfall.dev/app": name } },
});

const podSpec = (app: AppFacts) => ({
  serviceAccountName: app.name,
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
  containers: [container(app)],
  volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
  topologySpreadConstraints: [
    spread("topology.kubernetes.io/zone", app.name),
    spread("kubernetes.io/hostname", app.name),
  ],
});

const deployment = (app: AppFacts) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: metadataOf(app),
  spec: {
    revisionHistoryLimit: 5,
    selector: { matchLabels: { "app.kubernetes.io/name": app.name } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: { metadata: { labels: labelsOf(app.name) }, spec: podSpec(app) },
  },
});
