import type { AppSpec } from "../model/app.ts";
import type { AnalysedRelease, CustomMetric } from "../model/app-release.ts";
import { type Problem, problem } from "../util/errors.ts";
import { promqlFault } from "../util/promql.ts";
import type { Checked } from "./checked.ts";
import { portsOf } from "./resolve.ts";

/** Names of what is measured without being told, and Flagger's own. */
const taken = [
  "error-rate",
  "gateway-error-rate",
  "latency-p99",
  "gateway-latency-p99",
  "memory",
  "request-success-rate",
  "request-duration",
];

/** What stands for the app's own in a query, each with something to read the query by. */
const placeholders: Record<string, string> = {
  name: "app",
  namespace: "app",
  target: "app",
  service: "app",
  interval: "1m",
};

/** Whether what shall decide can be measured, and can be read. */
export function checkMetrics(
  { name, app, place }: Checked,
  { strategy, analysis }: AnalysedRelease,
): Problem[] {
  const path = ["release", strategy, "metrics"];
  const { custom, ...own } = analysis.metrics;
  const asked = (["errorRate", "latencyP99"] as const).filter((key) => own[key]);
  const problems = custom.flatMap((metric, i) => {
    const earlier = custom.slice(0, i).some((other) => other.name === metric.name);
    return [
      ...(earlier || taken.includes(metric.name)
        ? [
            problem("LF1008", {
              what: `${name} has two metrics named ${metric.name}`,
              fix: "give it another name",
              where: place([...path, "custom", i, "name"]),
            }),
          ]
        : []),
      ...unreadable(name, metric).map((fault) =>
        problem("LF1025", { ...fault, where: place([...path, "custom", i, "query"]) }),
      ),
    ];
  });
  if (strategy === "blueGreen" && !analysis.loadTest && asked.length > 0)
    problems.push(
      problem("LF1016", {
        what: `${name} shall be judged by ${asked.join(" and ")} and gets no requests until it is promoted`,
        why: "a check without numbers counts as failed, so that no version would ever pass",
        fix: "add `loadTest`, or remove them",
        where: place([...path, asked[0] ?? ""]),
      }),
    );
  if (asked.length > 0 && !hasMetrics(app) && app.expose.length === 0)
    problems.push(
      problem("LF1011", {
        what: `${name} shall be judged by ${asked.join(" and ")} and has no metrics port`,
        why: "only the app itself can count requests that come from inside the cluster",
        fix: "add `metrics` to its ports, e.g. `ports: { http: 8080, metrics: 9464 }`",
        where: place([...path, asked[0] ?? ""]),
      }),
    );
  return problems;
}

function hasMetrics(app: AppSpec): boolean {
  if (app.metrics === false) return false;
  const port = app.metrics?.port ?? "metrics";
  return portsOf(app).some(({ name }) => name === port);
}

function unreadable(
  app: string,
  { name, query }: CustomMetric,
): { what: string; why: string; fix: string }[] {
  const unknown = [...query.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)]
    .map(([, key = ""]) => key)
    .filter((key) => !Object.hasOwn(placeholders, key));
  if (unknown.length > 0)
    return [
      {
        what: `the metric ${name} of ${app} has the placeholder {{ ${unknown[0]} }}`,
        why: `there are ${Object.keys(placeholders).join(", ")}`,
        fix: "use one of these, or write the value",
      },
    ];
  const read = query.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, key: string) => placeholders[key] ?? "");
  const fault = promqlFault(read);
  if (!fault) return [];
  return [
    {
      what: `the query of ${app}'s metric ${name} is no PromQL: ${fault}`,
      why: "it could never give a number, and the release would fail at every check",
      fix: "correct it; Prometheus' page tries it out",
    },
  ];
}
