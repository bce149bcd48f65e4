import {
  analysedRelease,
  type PlacedApp,
  type Rule,
  type RuleGroup,
  requestSeries,
} from "../../kit/index.ts";

/** What is recorded and alerted of a released app: its requests by role, and a release that was taken back. */
export function releaseRules(app: PlacedApp): RuleGroup[] {
  const release = analysedRelease(app.spec.release);
  if (!release) return [];
  const { name, namespace } = app;
  const { alert } = release.analysis;
  const rules = [...(app.metrics ? recordings(app) : []), ...(alert ? [failed(app, alert)] : [])];
  return rules.length > 0 ? [{ name: `release-${namespace}-${name}`, rules }] : [];
}

/** Primary and canary side by side, over the window that a release is judged by. */
function recordings(app: PlacedApp): Rule[] {
  const { name, namespace } = app;
  const { total, failed, buckets } = requestSeries(app, `app="${name}",namespace="${namespace}",role!=""`);
  const labels = { app: name, namespace };
  const requests = `sum by (role) (rate(${total}[1m]))`;
  return [
    { record: "app_role:requests:rate1m", expr: requests, labels },
    {
      record: "app_role:request_error_ratio:rate1m",
      // A role without a failure has no series of failures.
      expr: `(sum by (role) (rate(${failed}[1m])) or 0 * ${requests}) / ${requests}`,
      labels,
    },
    {
      record: "app_role:request_duration_seconds:p99_1m",
      expr: `histogram_quantile(0.99, sum by (role, le) (rate(${buckets}[1m])))`,
      labels,
    },
  ];
}

/** It fires until a later version is promoted: what was declared is not what serves. */
function failed({ name, namespace }: PlacedApp, severity: string): Rule {
  return {
    alert: "ReleaseRolledBack",
    // Its metrics tell of other namespaces than the one it is scraped in.
    expr: `max(flagger_canary_status{name="${name}",exported_namespace="${namespace}"}) > 1`,
    labels: { app: name, namespace, severity },
    annotations: {
      summary: `the last version of ${namespace}/${name} failed its checks and was rolled back; the one before it serves`,
    },
  };
}
