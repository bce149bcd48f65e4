import { collection, token } from "./token.ts";

/** Pods of a part, as network policies select them. */
export interface PodGroup {
  namespace: string;
  labels: Record<string, string>;
}

/** The custom resources of Gateway API are there. */
export const gatewayApi = token<{ channel: "standard" }>("gatewayApi", "Gateway API's custom resources");

/** A Gateway that routes can attach to. */
export interface GatewayValue {
  name: string;
  namespace: string;
  /** The listener for plain HTTP. */
  httpListener: string;
  pods: PodGroup;
}
export const gateway = token<GatewayValue>("gateway", "a Gateway that routes attach to");

/** The cluster's DNS. */
export interface DnsValue {
  ip: string;
  /** The port its pods listen on; network policies see that one, not the Service's. */
  port: number;
  pods: PodGroup;
}
export const clusterDns = token<DnsValue>("clusterDns", "DNS inside the cluster");

/** Where metrics are kept: Prometheus' HTTP API. */
export const metricsStore = token<{ url: string; pods: PodGroup }>(
  "metricsStore",
  "a store with Prometheus' HTTP API",
);

/** Where alerts go: Alertmanager's HTTP API. */
export const alertSink = token<{ host: string; port: number; pods: PodGroup }>(
  "alertSink",
  "a sink with Alertmanager's HTTP API",
);

/** The CPU and memory use of pods, as the autoscaler reads it. */
export const resourceMetrics = token<{ apiService: string }>("resourceMetrics", "the resource metrics API");

/** Volumes that outlive their pod. */
export const blockStorage = token<{ storageClass: string }>(
  "blockStorage",
  "a provisioner of persistent volumes",
);

/** What applies the fleet repo to the cluster. */
export const delivery = token<{ namespace: string }>("delivery", "a controller that applies the fleet repo");

/** What moves traffic step by step to a new version. */
export const progressiveDelivery = token<{ provider: string }>("progressiveDelivery", "a canary controller");

/** One Prometheus rule; `alert` or `record` is set. */
export interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
export interface RuleGroup {
  name: string;
  rules: Rule[];
}
export const ruleGroups = collection<RuleGroup>("ruleGroups", "Prometheus' recording and alert rules");
