import type { KubernetesObject } from "../schema/object.ts";
import type { PlacedApp } from "./placed-app.ts";
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
  /** Where it answers plain HTTP inside the cluster, to whoever names a host. */
  url: string;
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
export const metricsStore = token<{ url: string; pods: PodGroup; scrapeMs: number }>(
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

/** What runs the commands that test a release. Whoever reaches it may have it run anything. */
export interface ReleaseTester {
  url: string;
  pods: PodGroup;
}
export const releaseTester = token<ReleaseTester>(
  "releaseTester",
  "what runs the commands of a release's hooks",
);

/** What moves traffic step by step to a new version. */
export interface ProgressiveDelivery {
  provider: string;
  /** Who asks hooks. */
  pods: PodGroup;
  /** What runs commands for it; without it hooks can only be addresses. */
  tester: ReleaseTester | undefined;
  /** Where it reads metrics, and which gateway's it reads too. Whatever `objectsOf` depends on stands here as data. */
  metrics: { url: string; gateway: string | undefined };
  /**
   * What tells it how to release an app whose `release` is analysed. It then makes and owns the app's Service, route,
   * and the copies named `-primary` and `-canary`. Pure.
   */
  objectsOf(app: PlacedApp, through: { gateway: GatewayValue | undefined }): KubernetesObject[];
}
export const progressiveDelivery = token<ProgressiveDelivery>("progressiveDelivery", "a canary controller");

/** PromQL selectors of the requests that one backend answered: vectors without their window. */
export interface RequestSeries {
  /** A counter of all requests. */
  total: string;
  /** The same of those that failed. */
  failed: string;
  /** The buckets of a histogram of their durations in seconds. */
  buckets: string;
}

/** A gateway that counts requests by the Service they went to, so that it tells a new version from the old one. */
export interface CanaryMetrics {
  /** What it is called, e.g. in the names of metrics. */
  name: string;
  requestsTo(backend: { namespace: string; service: string; port: number }): RequestSeries;
}
export const canaryMetrics = token<CanaryMetrics>("canaryMetrics", "a gateway's metrics by backend");

/** Names outside the cluster: in which zones they are ours, and how their records are written. */
export interface DnsZone {
  zones: string[];
  /** The one cluster that writes the records of all; without it each cluster writes those of its own routes. */
  hub: string | undefined;
  /** Where the hub's DNSEndpoints are read. */
  namespace: string;
  /** Seconds an answer may be kept. */
  ttl: number;
  /** The zone of records that share a name by weight, where the server can. */
  weightsZone: string | undefined;
  /** Whom the records that this cluster writes are signed by. */
  owner: string;
  /** Who answers: the server that takes the updates. */
  server: { host: string; port: number };
}
export const dnsZone = token<DnsZone>("dnsZone", "records of routes in DNS");

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
