import { z } from "zod";
import {
  apiServerEdge,
  blockStorage,
  clusterRole,
  configMap,
  definePart,
  field,
  labelsOf,
  namespacedRole,
  networkPolicy,
  type Owner,
  partLabel,
  provide,
  serviceAccount,
  workload,
} from "../../kit/index.ts";
import { configFiles, ownRules, rules } from "./config.ts";

const name = "local-path";
const owner: Owner = { label: partLabel, name };
const image = "docker.io/rancher/local-path-provisioner:v0.0.30";
const helperImage = "docker.io/library/busybox:1.35.0";
const reason = "its helper pods make and remove the folders of volumes on the node";

export const localPath = definePart({
  id: name,
  title: "Local path provisioner",
  category: "storage",
  docs: "https://github.com/rancher/local-path-provisioner",
  options: z.object({
    path: field(
      z.string().startsWith("/").default("/var/lib/landfall/volumes"),
      "The folder on the node that holds the volumes.",
      "/srv/volumes",
    ),
    default: field(
      z.boolean().optional(),
      "Make it the cluster's default storage class. By default on local clusters only.",
      false,
    ),
  }),
  podSecurity: { level: "privileged", reason },
  provides: [provide(blockStorage, () => ({ storageClass: name }))],
  images: {
    provisioner: {
      ref: image,
      recipe: { kind: "program", program: "local-path-provisioner", version: "0.0.30" },
    },
    helper: {
      ref: helperImage,
      recipe: {
        kind: "debian",
        packages: ["busybox-static"],
        entrypoint: ["/bin/busybox"],
        version: "1.35.0",
      },
    },
  },
  render: ({ namespace, options, cluster }) => [
    serviceAccount(name, namespace, owner),
    ...clusterRole({ name, namespace }, owner, rules),
    ...namespacedRole({ name, namespace }, owner, ownRules),
    configMap(`${name}-config`, namespace, owner, configFiles(options.path, helperImage)),
    workload({
      kind: "Deployment",
      name,
      namespace,
      owner,
      replicas: 1,
      strategy: { type: "Recreate" },
      pod: {
        serviceAccount: name,
        apiAccess: true,
        containers: [
          {
            name,
            image,
            command: ["local-path-provisioner", "start", "--config", "/etc/config/config.json"],
            args: [
              "--service-account-name",
              name,
              "--provisioner-name",
              "landfall.dev/local-path",
              "--configmap-name",
              `${name}-config`,
            ],
            env: [{ name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
            mounts: [{ name: "config", mountPath: "/etc/config", readOnly: true }],
            resources: { cpu: "10m", memory: "32Mi", memoryLimit: "96Mi" },
            probes: {},
          },
        ],
        volumes: [{ name: "config", configMap: { name: `${name}-config` } }],
      },
    }),
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name,
        labels: labelsOf(owner, name),
        annotations: {
          "storageclass.kubernetes.io/is-default-class": String(options.default ?? cluster.type === "local"),
        },
      },
      provisioner: "landfall.dev/local-path",
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Delete",
    },
    networkPolicy({ name, namespace, owner, ingress: [], egress: [apiServerEdge] }),
  ],
});
