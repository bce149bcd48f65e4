import type { KubernetesObject } from "./object.ts";

const metadata = { name: "web", namespace: "shop", labels: { "app.kubernetes.io/name": "web" } };

/** A fresh, valid Deployment for tests to spoil. */
export function deployment(): KubernetesObject & { spec: Record<string, unknown> } {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: structuredClone(metadata),
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: {
          containers: [
            {
              name: "web",
              image: "registry.example/web:1",
              imagePullPolicy: "IfNotPresent",
              ports: [{ name: "http", containerPort: 8080 }],
              resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: 134217728 } },
              readinessProbe: { httpGet: { path: "/ready", port: "http" } },
              livenessProbe: { httpGet: { path: "/live", port: 8080 } },
            },
          ],
        },
      },
    },
  };
}

/** One valid object of each kind that an app is made of. */
export function goodObjects(): KubernetesObject[] {
  const object = (apiVersion: string, kind: string, body: object): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: structuredClone(metadata),
    ...body,
  });
  const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  return [
    deployment(),
    object("v1", "Service", { spec: { ports: [{ port: 80, targetPort: "http" }] } }),
    object("v1", "ConfigMap", { data: { "app.yaml": "a: 1" } }),
    object("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { scaleTargetRef: target, maxReplicas: 3 } }),
    object("networking.k8s.io/v1", "NetworkPolicy", { spec: { podSelector: {}, policyTypes: ["Ingress"] } }),
    object("gateway.networking.k8s.io/v1", "HTTPRoute", {
      spec: { parentRefs: [{ name: "gateway" }], rules: [{ backendRefs: [{ name: "web", port: 80 }] }] },
    }),
    object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", {
      spec: { interval: "10m", prune: true, sourceRef: { kind: "ExternalArtifact", name: "fleet" } },
    }),
    object("flagger.app/v1beta1", "Canary", {
      spec: {
        targetRef: target,
        service: { port: 80, targetPort: "http" },
        analysis: { interval: "10s", threshold: 3, stepWeight: 10 },
      },
    }),
    object("apps/v1", "StatefulSet", {
      spec: {
        ...deployment().spec,
        replicas: undefined,
        volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"] } }],
      },
    }),
  ];
}
