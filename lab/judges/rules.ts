/** promtool's unit tests of rules, as data: series of requests, and which alerts must be firing when. */
import { stringify } from "yaml";

interface RuleFile {
  groups: {
    rules: { alert?: string; labels?: Record<string, string>; annotations?: Record<string, string> }[];
  }[];
}

/** A series with promtool's notation of samples, one a minute: `0+100x120`. */
export type Series = [name: string, values: string];

/** Alerts firing at a time, by alert name and app; everything else in the rules must not be firing. */
export interface Expected {
  at: string;
  firing: [alert: string, app: string][];
}

/** One story: what is scraped, and what fires when. */
export interface Story {
  name: string;
  series: Series[];
  expected: Expected[];
}

/** The test file of some stories. Every SLO alert of every app is asked at every time, so nothing fires unnoticed. */
export function ruleTests(rules: RuleFile, stories: Story[]): string {
  const alerts = rules.groups.flatMap((group) =>
    group.rules.flatMap(({ alert, labels, annotations }) =>
      alert && labels?.app ? [{ alert, labels, annotations }] : [],
    ),
  );
  const names = [...new Set(alerts.map(({ alert }) => alert))];
  // Stories are about requests: the pods are there.
  const apps = [...new Set(alerts.map(({ labels }) => labels.app ?? ""))];
  const pods = apps.map((app): Series => [`up${labelsOf(app, "")}`, "1x300"]);
  const exact = ([name, app]: [string, string]) => {
    const found = alerts.find(({ alert, labels }) => alert === name && labels.app === app);
    if (!found) throw new Error(`${app} has no alert ${name}`);
    return { exp_labels: found.labels, exp_annotations: found.annotations };
  };
  return stringify({
    rule_files: ["rules.yml"],
    evaluation_interval: "1m",
    tests: stories.map(({ name, series, expected }) => ({
      name,
      interval: "1m",
      input_series: [...pods, ...series].map(([of, values]) => ({ series: of, values })),
      alert_rule_test: expected.flatMap(({ at, firing }) =>
        names.map((alertname) => ({
          eval_time: at,
          alertname,
          exp_alerts: firing.filter(([alert]) => alert === alertname).map(exact),
        })),
      ),
    })),
  });
}

const labelsOf = (app: string, more: string) => `{app="${app}",namespace="shop",pod="${app}-1"${more}}`;

/** The requests of an app that speaks gRPC: good and failed ones, each as samples. */
export function grpcCalls(app: string, good: string, failed: string): Series[] {
  const count = "rpc_server_call_duration_seconds_count";
  return [
    [`${count}${labelsOf(app, ',rpc_response_status_code="OK"')}`, good],
    [`${count}${labelsOf(app, ',rpc_response_status_code="UNAVAILABLE"')}`, failed],
  ];
}

/** The requests of an app that speaks HTTP. */
export function httpRequests(app: string, good: string, failed: string): Series[] {
  const count = "http_server_request_duration_seconds_count";
  return [
    [`${count}${labelsOf(app, ',http_response_status_code="200"')}`, good],
    [`${count}${labelsOf(app, ',http_response_status_code="503"')}`, failed],
  ];
}

/** How long an app's gRPC calls take: all below `fast`, or all between `fast` and `slow` seconds. */
export function grpcDurations(
  app: string,
  calls: string,
  fast: number,
  slow: number,
  isSlow: boolean,
): Series[] {
  const bucket = (le: string, values: string): Series => [
    `rpc_server_call_duration_seconds_bucket${labelsOf(app, `,le="${le}"`)}`,
    values,
  ];
  return [bucket(String(fast), isSlow ? "0x300" : calls), bucket(String(slow), calls), bucket("+Inf", calls)];
}
