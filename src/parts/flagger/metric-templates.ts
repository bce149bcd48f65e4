/** What a new version is judged by: MetricTemplates, and the checks of a Canary that refer to them. */
import {
  type AnalysedRelease,
  appLabel,
  bytesIn,
  type CanaryMetrics,
  type GatewayValue,
  type KubernetesObject,
  labelsOf,
  memoryLimitOf,
  type PlacedApp,
  type RequestSeries,
  releasedPort,
  requestSeries,
} from "../../kit/index.ts";

/** One check of a Canary. */
export interface CanaryMetric {
  name: string;
  interval: string;
  thresholdRange: { min?: number; max?: number };
  templateRef: { name: string; namespace: string };
}

interface Check {
  name: string;
  /** PromQL with Flagger's placeholders. */
  query: string;
  range: { min?: number; max?: number };
}

/** Where numbers come from: the store, and the gateway where it counts by backend. */
export interface Sources {
  address: string;
  gateway: CanaryMetrics | undefined;
}

/** The checks of an app's release and the templates they refer to; the templates' names are the app's own. */
export function metricsOf(
  app: PlacedApp,
  release: AnalysedRelease,
  sources: Sources & { routes: GatewayValue | undefined },
): { metrics: CanaryMetric[]; templates: KubernetesObject[] } {
  const checks = checksOf(app, release, sources);
  const { namespace } = app;
  const { window } = release.analysis;
  const nameOf = (check: Check) => `${app.name}.${check.name}`;
  return {
    metrics: checks.map((check) => ({
      name: check.name,
      interval: window,
      thresholdRange: check.range,
      templateRef: { name: nameOf(check), namespace },
    })),
    templates: checks.map((check) => ({
      apiVersion: "flagger.app/v1beta1",
      kind: "MetricTemplate",
      metadata: { name: nameOf(check), namespace, labels: labelsOf({ label: appLabel, name: app.name }) },
      spec: { provider: { type: "prometheus", address: sources.address }, query: check.query },
    })),
  };
}

function checksOf(
  app: PlacedApp,
  { strategy, analysis }: AnalysedRelease,
  { gateway, routes }: Sources & { routes: GatewayValue | undefined },
): Check[] {
  // Beside the old version it is tested by calls that pass no gateway, and without these it gets none at all.
  const asked = strategy !== "blueGreen" || analysis.loadTest !== undefined;
  const routed = strategy !== "blueGreen" && routes !== undefined;
  const of = 'namespace="{{ namespace }}",app="{{ target }}",role="canary"';
  const own = asked && app.metrics ? requestSeries(app, of) : undefined;
  const backend = {
    namespace: app.namespace,
    service: `${app.name}-canary`,
    port: releasedPort(app)?.port ?? 0,
  };
  const seen = routed ? gateway?.requestsTo(backend) : undefined;
  const {
    errorRate = "1%",
    latencyP99 = app.spec.slo?.latency ?? "500ms",
    saturation,
    custom,
  } = analysis.metrics;
  const failing = (name: string, series: RequestSeries | undefined): Check[] =>
    series && errorRate !== false
      ? [{ name, query: failedShare(series), range: { max: Number.parseFloat(errorRate) } }]
      : [];
  const slow = (name: string, series: RequestSeries | undefined): Check[] =>
    series && latencyP99 !== false
      ? [{ name, query: milliseconds(series), range: { max: millisecondsIn(latencyP99) } }]
      : [];
  return [
    ...failing("error-rate", own),
    // The gateway also sees what a pod that is gone cannot count.
    ...failing("gateway-error-rate", seen),
    ...slow("latency-p99", own),
    ...(own ? [] : slow("gateway-latency-p99", seen)),
    ...(saturation
      ? [{ name: "memory", query: memoryShare(app), range: { max: Number.parseFloat(saturation) } }]
      : []),
    ...custom.map(({ name, query, min, max }) => ({
      name,
      query,
      range: { ...(min !== undefined && { min }), ...(max !== undefined && { max }) },
    })),
  ];
}

/** Percent. Without requests it is 0/0 or nothing at all, and neither lets a release go on. */
const failedShare = ({ total, failed }: RequestSeries) =>
  `100 * (sum(rate(${failed}[{{ interval }}])) or vector(0)) / sum(rate(${total}[{{ interval }}]))`;

const milliseconds = ({ buckets }: RequestSeries) =>
  `1000 * histogram_quantile(0.99, sum by (le) (rate(${buckets}[{{ interval }}])))`;

/** Percent, of the fullest pod. Pods of the primary have a part more in their names; containers tell other apps' apart. */
const memoryShare = (app: PlacedApp) =>
  `100 * max(container_memory_working_set_bytes{namespace="{{ namespace }}",pod=~"{{ target }}-[0-9a-z]+-[0-9a-z]+",container="{{ target }}"}) / ${bytesIn(memoryLimitOf(app))}`;

const factors: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8 };

function millisecondsIn(duration: string): number {
  const [, number = "0", unit = "s"] = duration.match(/^(\d+)([a-z]+)$/) ?? [];
  return Number(number) * (factors[unit] ?? Number.NaN);
}
