import { type PlacedApp, type RuleGroup, requestSeries } from "../../kit/index.ts";

/**
 * Burn rates and windows of the SRE workbook's multi-window alerts ("Alerting on SLOs", table 5-8):
 * `burn` times the budget's even pace over both windows. 14.4 spends 2 % of a month's budget in an hour.
 */
const alerts = [
  { severity: "page", burn: 14.4, long: "1h", short: "5m" },
  { severity: "page", burn: 6, long: "6h", short: "30m" },
  { severity: "ticket", burn: 1, long: "3d", short: "6h" },
];
const longWindows = ["30m", "1h", "6h", "3d"];

/** What was made of a promise, so that clusters which share an app share its group. */
const made = new WeakMap<object, RuleGroup>();

/** The recording and alert rules of one app's SLO. The same promise of the same app gives the same group. */
export function sloRules(app: PlacedApp): RuleGroup {
  const { slo } = app.spec;
  const name = `slo-${app.namespace}-${app.name}`;
  const known = slo && made.get(slo);
  if (known?.name === name) return known;
  const group = { name, rules: rulesOf(app) };
  if (slo) made.set(slo, group);
  return group;
}

function rulesOf(app: PlacedApp): RuleGroup["rules"] {
  const { availability, latency } = app.spec.slo ?? { availability: 99.9, latency: "500ms" };
  const of = `app="${app.name}",namespace="${app.namespace}"`;
  const { total, failed, buckets } = requestSeries(app, of);
  const labels = { app: app.name, namespace: app.namespace };
  const budget = Number(((100 - availability) / 100).toPrecision(6));
  const requests = "app:requests:rate5m";
  const errors = "app:request_errors:rate5m";
  const errorRatio = (window: string) => `app:request_error_ratio:rate${window}`;
  return [
    { record: requests, expr: `sum(rate(${total}[5m]))`, labels },
    {
      record: errors,
      expr: `sum(rate(${failed}[5m])) or vector(0)`,
      labels,
    },
    // What may fail. A burn rate is a share of failed requests divided by it.
    { record: "app:error_budget:ratio", expr: `vector(${budget})`, labels },
    // Without requests it is 0/0, which is above no threshold.
    { record: errorRatio("5m"), expr: `${errors}{${of}} / ${requests}{${of}}`, labels },
    // Summed up from the two records, so that a window of days reads two series instead of every pod's.
    ...longWindows.map((window) => ({
      record: errorRatio(window),
      expr: `sum_over_time(${errors}{${of}}[${window}]) / sum_over_time(${requests}{${of}}[${window}])`,
      labels,
    })),
    {
      record: "app:request_duration_seconds:p99_5m",
      expr: `histogram_quantile(0.99, sum by (le) (rate(${buckets}[5m])))`,
      labels,
    },
    ...alerts.map(({ severity, burn, long, short }) => ({
      alert: `ErrorBudgetBurn${long}`,
      expr: `${errorRatio(long)}{${of}} > ${threshold(burn, budget)} and ${errorRatio(short)}{${of}} > ${threshold(burn, budget)}`,
      labels: { ...labels, severity },
      annotations: {
        summary: `${app.name} spends its error budget ${burn} times faster than its promise of ${availability} % allows`,
      },
    })),
    {
      alert: "LatencyAboveObjective",
      expr: `app:request_duration_seconds:p99_5m{${of}} > ${seconds(latency)}`,
      for: "10m",
      labels: { ...labels, severity: "ticket" },
      annotations: { summary: `1 % of the requests to ${app.name} take longer than ${latency}` },
    },
    {
      // Without any pod there is no series that a ratio could tell of.
      alert: "AppWithoutTargets",
      expr: `absent(up{${of}})`,
      for: "5m",
      labels: { ...labels, severity: "page" },
      annotations: { summary: `no pod of ${app.namespace}/${app.name} is there to be scraped` },
    },
  ];
}

function threshold(burn: number, budget: number): number {
  return Number((burn * budget).toPrecision(6));
}

/** A duration as the declaration writes it, in seconds. */
function seconds(duration: string): number {
  const [, number = "0", unit = "s"] = duration.match(/^(\d+)(ms|s|m|h|d|w)$/) ?? [];
  return Number(number) * ({ ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[unit] ?? 1);
}
