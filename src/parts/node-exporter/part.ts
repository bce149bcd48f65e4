import { z } from "zod";
import {
  definePart,
  field,
  httpProbe,
  metricsStore,
  networkPolicy,
  type Owner,
  optional,
  partLabel,
  scrapeAnnotations,
  scrapeEdge,
  serviceAccount,
  workload,
} from "../../kit/index.ts";

const name = "node-exporter";
const owner: Owner = { label: partLabel, name };
const image = "quay.io/prometheus/node-exporter:v1.9.1";
const reason = "it measures the node itself: its network, processes and file systems";

/** Of the node it sees also what is mounted after its own start. */
const rootMount = {
  name: "root",
  mountPath: "/host/root",
  readOnly: true,
  mountPropagation: "HostToContainer",
};

export const nodeExporter = definePart({
  id: name,
  title: "node-exporter",
  category: "metrics",
  docs: "https://github.com/prometheus/node_exporter",
  options: z.object({
    port: field(
      z.int().min(1024).max(65535).default(9100),
      "The port of the node that it listens on.",
      19100,
    ),
  }),
  podSecurity: { level: "privileged", reason },
  waivers: [
    { rule: "host-namespaces", reason },
    { rule: "host-path", reason },
  ],
  needs: { metricsStore: optional(metricsStore) },
  images: {
    exporter: {
      ref: image,
      recipe: { kind: "program", program: name, version: "1.9.1" },
    },
  },
  render: ({ namespace, needs, options: { port } }) => [
    serviceAccount(name, namespace, owner),
    workload({
      kind: "DaemonSet",
      name,
      namespace,
      owner,
      podAnnotations: scrapeAnnotations(port),
      pod: {
        serviceAccount: name,
        containers: [
          {
            name,
            image,
            args: [
              `--web.listen-address=:${port}`,
              "--path.procfs=/host/proc",
              "--path.sysfs=/host/sys",
              "--path.rootfs=/host/root",
              "--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|run|var/lib/(containerd|kubelet)|.*/(kubelet|containerd)/.*)($|/)",
            ],
            ports: [{ name: "metrics", port, protocol: "http" }],
            mounts: [
              { name: "proc", mountPath: "/host/proc", readOnly: true },
              { name: "sys", mountPath: "/host/sys", readOnly: true },
              rootMount,
            ],
            resources: { cpu: "20m", memory: "32Mi", memoryLimit: "96Mi" },
            probes: {
              liveness: httpProbe("metrics", "/", { periodSeconds: 15 }),
              readiness: httpProbe("metrics", "/", { periodSeconds: 5 }),
            },
          },
        ],
        volumes: [
          { name: "proc", hostPath: { path: "/proc" } },
          { name: "sys", hostPath: { path: "/sys" } },
          { name: "root", hostPath: { path: "/" } },
        ],
        extra: { hostNetwork: true, hostPID: true, tolerations: [{ operator: "Exists" }] },
      },
    }),
    networkPolicy({ name, namespace, owner, ingress: scrapeEdge(needs.metricsStore, port), egress: [] }),
  ],
});
