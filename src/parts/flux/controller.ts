import {
  httpProbe,
  type KubernetesObject,
  type Owner,
  scrapeAnnotations,
  service,
  serviceAccount,
  workload,
} from "../../kit/index.ts";

const metricsPort = 8080;
const healthPort = 9440;
const artifactPort = 9090;

/** One of Flux's controllers: they share flags, ports and needs. */
export function controller(of: {
  name: string;
  namespace: string;
  owner: Owner;
  image: string;
  args: string[];
  memory: string;
  /** It serves artifacts from a volume. */
  storage?: boolean;
}): KubernetesObject[] {
  const { name, namespace, owner } = of;
  return [
    serviceAccount(name, namespace, owner),
    workload({
      kind: "Deployment",
      name,
      namespace,
      owner,
      replicas: 1,
      // One at a time needs no leader election, whose lease would delay every restart.
      strategy: { type: "Recreate" },
      podAnnotations: scrapeAnnotations(metricsPort),
      pod: {
        serviceAccount: name,
        apiAccess: true,
        containers: [
          {
            name: "manager",
            image: of.image,
            args: [
              "--log-encoding=json",
              "--log-level=info",
              "--enable-leader-election=false",
              "--events-addr=",
              ...of.args,
            ],
            env: [
              { name: "RUNTIME_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
            ],
            ports: [
              { name: "http-prom", port: metricsPort, protocol: "http" },
              { name: "healthz", port: healthPort, protocol: "http" },
              ...(of.storage ? [{ name: "http", port: artifactPort, protocol: "http" as const }] : []),
            ],
            mounts: [
              { name: "tmp", mountPath: "/tmp" },
              ...(of.storage ? [{ name: "data", mountPath: "/data" }] : []),
            ],
            resources: { cpu: "100m", memory: of.memory, memoryLimit: "1Gi" },
            probes: {
              liveness: httpProbe("healthz", "/healthz", { periodSeconds: 10 }),
              readiness: httpProbe("healthz", "/readyz", { periodSeconds: 2 }),
            },
          },
        ],
        // A checkout or an artifact is unpacked in the one; the other keeps the artifacts of every source.
        volumes: [
          { name: "tmp", emptyDir: { sizeLimit: "2Gi" } },
          ...(of.storage ? [{ name: "data", emptyDir: { sizeLimit: "10Gi" } }] : []),
        ],
        terminationGraceSeconds: 10,
      },
    }),
  ];
}

/** Where a source controller's artifacts are fetched by the others. */
export function sourceService(name: string, namespace: string, owner: Owner): KubernetesObject {
  const object = service({ name, namespace, owner, ports: [] });
  return {
    ...object,
    spec: {
      ...(object.spec as object),
      ports: [{ name: "http", port: 80, targetPort: artifactPort, protocol: "TCP", appProtocol: "http" }],
    },
  };
}
