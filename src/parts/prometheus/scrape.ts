import { primarySuffix } from "../../kit/index.ts";

const serviceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Everything is found by Kubernetes' service discovery: pods by the kit's annotations, the node's containers through
 * its kubelet. No app configures anything, and no operator is needed.
 */
export function scrapeConfigs(kubeletTls: "verify" | "skip"): object[] {
  return [...pods, containers(kubeletTls)];
}

/** Of an app that is released in steps, which pods serve (`primary`) and which are looked at (`canary`). */
const roles = [
  {
    source_labels: ["__meta_kubernetes_pod_annotation_landfall_dev_roles"],
    regex: "primary-canary",
    target_label: "role",
    replacement: "canary",
  },
  {
    source_labels: [
      "__meta_kubernetes_pod_annotation_landfall_dev_roles",
      "__meta_kubernetes_pod_label_app_kubernetes_io_name",
    ],
    regex: `primary-canary;.+${primarySuffix}`,
    target_label: "role",
    replacement: "primary",
  },
];

const pods = [
  {
    job_name: "pods",
    kubernetes_sd_configs: [{ role: "pod" }],
    relabel_configs: [
      {
        source_labels: ["__meta_kubernetes_pod_annotation_landfall_dev_metrics_port"],
        regex: "\\d+",
        action: "keep",
      },
      { source_labels: ["__meta_kubernetes_pod_phase"], regex: "Pending|Succeeded|Failed", action: "drop" },
      {
        source_labels: [
          "__meta_kubernetes_pod_ip",
          "__meta_kubernetes_pod_annotation_landfall_dev_metrics_port",
        ],
        regex: "(.+);(\\d+)",
        replacement: "$1:$2",
        target_label: "__address__",
      },
      {
        source_labels: ["__meta_kubernetes_pod_annotation_landfall_dev_metrics_path"],
        regex: "(.+)",
        target_label: "__metrics_path__",
      },
      { source_labels: ["__meta_kubernetes_namespace"], target_label: "namespace" },
      { source_labels: ["__meta_kubernetes_pod_name"], target_label: "pod" },
      { source_labels: ["__meta_kubernetes_pod_node_name"], target_label: "node" },
      { source_labels: ["__meta_kubernetes_pod_label_landfall_dev_app"], regex: "(.+)", target_label: "app" },
      {
        source_labels: ["__meta_kubernetes_pod_label_landfall_dev_part"],
        regex: "(.+)",
        target_label: "part",
      },
      ...roles,
    ],
  },
];

function containers(kubeletTls: "verify" | "skip") {
  return {
    job_name: "containers",
    scheme: "https",
    metrics_path: "/metrics/cadvisor",
    // cAdvisor stamps its samples, and what is stamped lives on for five minutes: a pod that is gone would still be
    // looked at, and the memory of a version that went back would judge the next one.
    honor_timestamps: false,
    authorization: { credentials_file: `${serviceAccountDir}/token` },
    tls_config:
      kubeletTls === "verify" ? { ca_file: `${serviceAccountDir}/ca.crt` } : { insecure_skip_verify: true },
    kubernetes_sd_configs: [{ role: "node" }],
    relabel_configs: [{ source_labels: ["__meta_kubernetes_node_name"], target_label: "node" }],
    metric_relabel_configs: [
      {
        source_labels: ["__name__"],
        regex:
          "container_(cpu_usage_seconds_total|cpu_cfs_throttled_periods_total|memory_working_set_bytes|oom_events_total|network_(receive|transmit)_bytes_total|fs_(reads|writes)_bytes_total|start_time_seconds)|machine_(cpu_cores|memory_bytes)",
        action: "keep",
      },
    ],
  };
}
