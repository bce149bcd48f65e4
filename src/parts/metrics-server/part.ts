import { z } from "zod";
import {
  anyEdge,
  clusterRole,
  clusterRoleBinding,
  definePart,
  field,
  labelsOf,
  networkPolicy,
  type Owner,
  partLabel,
  provide,
  resourceMetrics,
  roleBinding,
  serviceAccount,
  workload,
} from "../../kit/index.ts";

const name = "metrics-server";
const owner: Owner = { label: partLabel, name };
const port = 10250;
const image = "registry.k8s.io/metrics-server/metrics-server:v0.9.0";
const apiService = "v1beta1.metrics.k8s.io";

/** Lets whoever may view, edit or administer a namespace read the metrics of its pods, as the API's own roles do. */
const metricsReader = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: {
    name: "system:aggregated-metrics-reader",
    labels: {
      ...labelsOf(owner, name),
      ...Object.fromEntries(
        ["view", "edit", "admin"].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, "true"]),
      ),
    },
  },
  rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
};

export const metricsServer = definePart({
  id: name,
  title: "metrics-server",
  category: "metrics",
  docs: "https://github.com/kubernetes-sigs/metrics-server",
  namespace: "kube-system",
  options: z.object({
    kubeletTls: field(
      z.enum(["verify", "skip"]).default("verify"),
      "Whether kubelets' certificates are checked against the cluster's CA; many distributions sign them otherwise.",
      "skip",
    ),
    resolution: field(
      z
        .string()
        .regex(/^\d+s$/)
        .default("10s"),
      "How often kubelets are asked; it is ready after the second time.",
      "30s",
    ),
  }),
  provides: [provide(resourceMetrics, () => ({ apiService }))],
  images: {
    server: { ref: image, recipe: { kind: "program", program: "metrics-server", version: "0.9.0" } },
  },
  render: ({ namespace, options }) => [
    serviceAccount(name, namespace, owner),
    ...clusterRole({ name, namespace }, owner, [
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
    ]),
    metricsReader,
    clusterRoleBinding("landfall:metrics-server-auth", "system:auth-delegator", { name, namespace }, owner),
    roleBinding(
      { name: "metrics-server-auth-reader", namespace: "kube-system" },
      { kind: "Role", name: "extension-apiserver-authentication-reader" },
      { name, namespace },
      owner,
    ),
    workload({
      kind: "Deployment",
      name,
      namespace,
      owner,
      replicas: 1,
      pod: {
        serviceAccount: name,
        apiAccess: true,
        containers: [
          {
            name,
            image,
            args: [
              "--cert-dir=/tmp",
              `--secure-port=${port}`,
              "--kubelet-preferred-address-types=InternalIP",
              "--kubelet-use-node-status-port",
              `--metric-resolution=${options.resolution}`,
              // It must stay below the resolution.
              "--kubelet-request-timeout=5s",
              options.kubeletTls === "verify"
                ? "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
                : "--kubelet-insecure-tls",
            ],
            ports: [{ name: "https", port, protocol: "tcp" }],
            mounts: [{ name: "tmp", mountPath: "/tmp" }],
            resources: { cpu: "50m", memory: "64Mi", memoryLimit: "256Mi" },
            probes: {
              liveness: { httpGet: { port: "https", path: "/livez", scheme: "HTTPS" }, periodSeconds: 10 },
              readiness: {
                httpGet: { port: "https", path: "/readyz", scheme: "HTTPS" },
                periodSeconds: 3,
                failureThreshold: 5,
              },
            },
          },
        ],
        volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
        extra: { priorityClassName: "system-cluster-critical" },
      },
    }),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace, labels: labelsOf(owner, name) },
      spec: {
        selector: { "app.kubernetes.io/name": name },
        ports: [{ name: "https", port: 443, targetPort: "https", protocol: "TCP", appProtocol: "https" }],
      },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: apiService, labels: labelsOf(owner, name) },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        service: { name, namespace },
        groupPriorityMinimum: 100,
        versionPriority: 100,
        // It signs its own certificate at start.
        insecureSkipTLSVerify: true,
      },
    },
    networkPolicy({ name, namespace, owner, ingress: [{ ports: [{ port }] }], egress: [anyEdge] }),
  ],
});
