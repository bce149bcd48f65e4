/** `node main.ts apps.json OUT`: a typed cdk8s app with one chart an app. cdk8s does not validate. */
import { readFileSync } from "node:fs";
import { App, Chart, YamlOutputType } from "cdk8s";
import { k8s } from "cdk8s-plus-33";
import type { Construct } from "constructs";
import type { AppFacts } from "../app-facts.ts";

const namespace = "shop";
const text = k8s.IntOrString.fromString;
const number = k8s.IntOrString.fromNumber;
const quantity = k8s.Quantity.fromString;

const labelsOf = (name: string) => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/managed-by": "landfall",
  "landfall.dev/app": name,
});

class AppChart extends Chart {
  constructor(scope: Construct, app: AppFacts) {
    super(scope, app.name, { namespace, labels: labelsOf(app.name), disableResourceNameHashes: true });
    const metadata = { name: app.name };
    new k8s.KubeServiceAccount(this, "account", { metadata, automountServiceAccountToken: false });
    new k8s.KubeDeployment(this, "deployment", { metadata, spec: deployment(app) });
    new k8s.KubeService(this, "service", {
      metadata,
      spec: {
        selector: { "app.kubernetes.io/name": app.name },
        ports: [{ name: "http", port: 8080, targetPort: text("http"), protocol: "TCP", appProtocol: "http" }],
      },
    });
    new k8s.KubeNetworkPolicy(this, "policy", { metadata, spec: networkPolicy(app) });
    new k8s.KubeHorizontalPodAutoscalerV2(this, "autoscaler", {
      metadata,
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
  }
}

const peer = (space: string, pods: Record<string, string>): k8s.NetworkPolicyPeer => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": space } },
  podSelector: { matchLabels: pods },
});
const appPods = (name: string) => peer(namespace, { "landfall.dev/app": name });

const dns: k8s.NetworkPolicyEgressRule = {
  to: [
    peer("kube-system", { "k8s-app": "kube-dns" }),
    peer("openshift-dns", { "dns.operator.openshift.io/daemonset-dns": "default" }),
    { ipBlock: { cidr: "169.254.0.0/16" } },
  ],
  ports: [53, 5353].flatMap((port) => ["UDP", "TCP"].map((protocol) => ({ port: number(port), protocol }))),
};

function networkPolicy(app: AppFacts): k8s.NetworkPolicySpec {
  const ports = [{ port: number(8080), protocol: "TCP" }];
  return {
    podSelector: { matchLabels: { "landfall.dev/app": app.name } },
    policyTypes: ["Ingress", "Egress"],
    ingress: app.callers.length > 0 ? [{ from: app.callers.map(appPods), ports }] : [],
    egress: [dns, ...app.calls.map((callee) => ({ to: [appPods(callee)], ports }))],
  };
}

const tcpProbe = (periodSeconds: number, failureThreshold: number, timeoutSeconds: number): k8s.Probe => ({
  tcpSocket: { port: text("http") },
  periodSeconds,
  failureThreshold,
  timeoutSeconds,
});

function addressesOf({ calls }: AppFacts): k8s.EnvVar[] {
  return calls.flatMap((callee) => {
    const prefix = callee.toUpperCase().replaceAll("-", "_");
    const value = `${callee}.${namespace}.svc.cluster.local:8080`;
    return [`${prefix}_ADDR`, `${prefix}_HTTP_ADDR`].map((name) => ({ name, value }));
  });
}

const container = (app: AppFacts): k8s.Container => ({
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
  resources: {
    requests: { cpu: quantity(app.cpu), memory: quantity(app.memory) },
    limits: { memory: quantity(app.memoryLimit) },
  },
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

const spread = (topologyKey: string, name: string): k8s.TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: "ScheduleAnyway",
  labelSelector: { matchLabels: { "landfall.dev/app": name } },
});

const deployment = (app: AppFacts): k8s.DeploymentSpec => ({
  revisionHistoryLimit: 5,
  selector: { matchLabels: { "app.kubernetes.io/name": app.name } },
  strategy: {
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: number(1), maxUnavailable: number(0) },
  },
  template: {
    metadata: { labels: labelsOf(app.name) },
    spec: {
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
      volumes: [{ name: "tmp", emptyDir: { sizeLimit: quantity("64Mi") } }],
      topologySpreadConstraints: [
        spread("topology.kubernetes.io/zone", app.name),
        spread("kubernetes.io/hostname", app.name),
      ],
    },
  },
});

const [input = "", outdir = ""] = process.argv.slice(2);
const apps = JSON.parse(readFileSync(input, "utf8")) as AppFacts[];
const root = new App({ outdir, yamlOutputType: YamlOutputType.FILE_PER_CHART });
for (const app of apps) new AppChart(root, app);
root.synth();
