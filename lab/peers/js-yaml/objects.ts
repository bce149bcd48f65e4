/** The five objects of one app as plain values: what a script without any tool would hold. */
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

export function objectsOf(app: AppFacts): object[] {
  return [serviceAccount(app), deployment(app), service(app), networkPolicy(app), autoscaler(app)];
}

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
  spec: autoscalerOf(app),
});

const networkPolicy = (app: AppFacts) => {
  const ports = [{ port: 8080, protocol: "TCP" }];
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadataOf(app),
    spec: {
      podSelector: selectorOf(app.name),
      policyTypes: ["Ingress", "Egress"],
      ingress: app.callers.length > 0 ? [{ from: app.callers.map(podsOf), ports }] : [],
      egress: [
        { to: dnsServers, ports: dnsPorts },
        ...app.calls.map((callee) => ({ to: [podsOf(callee)], ports })),
      ],
    },
  };
};

const tcpProbe = (periodSeconds: number, failureThreshold: number, timeoutSeconds: number) => ({
  tcpSocket: { port: "http" },
  periodSeconds,
  failureThreshold,
  timeoutSeconds,
});

const container = (app: AppFacts) => ({
  ...containerOf(app),
  resources: { requests: { cpu: app.cpu, memory: app.memory }, limits: { memory: app.memoryLimit } },
  startupProbe: tcpProbe(1, 60, 2),
  livenessProbe: tcpProbe(10, 3, 3),
  readinessProbe: tcpProbe(5, 2, 3),
});

const deployment = (app: AppFacts) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: metadataOf(app),
  spec: {
    revisionHistoryLimit: 5,
    selector: { matchLabels: { "app.kubernetes.io/name": app.name } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: labelsOf(app.name) },
      spec: {
        ...podOf(app),
        containers: [container(app)],
        volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
      },
    },
  },
});
