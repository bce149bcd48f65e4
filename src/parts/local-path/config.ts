import type { PolicyRule } from "../../kit/index.ts";
import { toYaml } from "../../util/yaml.ts";

/** The provisioner's configuration: where volumes lie, and what its helper pod runs to make and remove one. */
export function configFiles(path: string, helperImage: string): Record<string, string> {
  const helperPod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "helper-pod" },
    spec: {
      priorityClassName: "system-node-critical",
      tolerations: [{ key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" }],
      // Folders belong to root before the kubelet hands them to a pod's group.
      securityContext: { runAsUser: 0, runAsGroup: 0 },
      containers: [{ name: "helper-pod", image: helperImage, imagePullPolicy: "IfNotPresent" }],
    },
  };
  return {
    "config.json": `${JSON.stringify({ nodePathMap: [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [path] }] }, null, 2)}\n`,
    setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
    teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
    "helperPod.yaml": toYaml(helperPod),
  };
}

/** What the provisioner reads and writes of the cluster. */
export const rules: PolicyRule[] = [
  {
    apiGroups: [""],
    resources: ["nodes", "persistentvolumeclaims"],
    verbs: ["get", "list", "watch"],
  },
  {
    apiGroups: [""],
    resources: ["persistentvolumes"],
    verbs: ["get", "list", "watch", "create", "patch", "update", "delete"],
  },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
];

/** What it does in its own namespace, where its helper pods run. */
export const ownRules: PolicyRule[] = [
  {
    apiGroups: [""],
    resources: ["pods"],
    verbs: ["get", "list", "watch", "create", "patch", "update", "delete"],
  },
  { apiGroups: [""], resources: ["pods/log", "configmaps"], verbs: ["get"] },
];
