/** `node main.ts apps.json OUT`: a typed cdk8s app with one chart an app. cdk8s does not validate. */
import { readFileSync } from "node:fs";
import { App, Chart, YamlOutputType } from "cdk8s";
import { k8s } from "cdk8s-plus-33";
import type { Construct } from "constructs";
import type { AppFacts } from "../app-facts.ts";
import {
  autoscalerOf,
  containerOf,
  dnsPorts,
  dnsServers,
  labelsOf,
  namespace,
  podOf,
  podsOf,
  selectorOf,
} from "../app-values.ts";

const text = k8s.IntOrString.fromString;
const number = k8s.IntOrString.fromNumber;
const quantity = k8s.Quantity.fromString;

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
    new k8s.KubeHorizontalPodAutoscalerV2(this, "autoscaler", { metadata, spec: autoscalerOf(app) });
  }
}

const dns: k8s.NetworkPolicyEgressRule = {
  to: dnsServers,
  ports: dnsPorts.map(({ port, protocol }) => ({ port: number(port), protocol })),
};

function networkPolicy(app: AppFacts): k8s.NetworkPolicySpec {
  const ports = [{ port: number(8080), protocol: "TCP" }];
  return {
    podSelector: selectorOf(app.name),
    policyTypes: ["Ingress", "Egress"],
    ingress: app.callers.length > 0 ? [{ from: app.callers.map(podsOf), ports }] : [],
    egress: [dns, ...app.calls.map((callee) => ({ to: [podsOf(callee)], ports }))],
  };
}

const tcpProbe = (periodSeconds: number, failureThreshold: number, timeoutSeconds: number): k8s.Probe => ({
  tcpSocket: { port: text("http") },
  periodSeconds,
  failureThreshold,
  timeoutSeconds,
});

const container = (app: AppFacts): k8s.Container => ({
  ...containerOf(app),
  resources: {
    requests: { cpu: quantity(app.cpu), memory: quantity(app.memory) },
    limits: { memory: quantity(app.memoryLimit) },
  },
  startupProbe: tcpProbe(1, 60, 2),
  livenessProbe: tcpProbe(10, 3, 3),
  readinessProbe: tcpProbe(5, 2, 3),
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
      ...podOf(app),
      containers: [container(app)],
      volumes: [{ name: "tmp", emptyDir: { sizeLimit: quantity("64Mi") } }],
    },
  },
});

const [input = "", outdir = ""] = process.argv.slice(2);
const apps = JSON.parse(readFileSync(input, "utf8")) as AppFacts[];
const root = new App({ outdir, yamlOutputType: YamlOutputType.FILE_PER_CHART });
for (const app of apps) new AppChart(root, app);
root.synth();
