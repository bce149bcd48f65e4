/** What decides over a new version, asked of promtool: whether it is PromQL, and what it says of made-up traffic. */
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { compile } from "../../src/compile/index.ts";
import { registry } from "../../src/parts/index.ts";
import { everything } from "./everything.ts";
import { useJudgeFolders } from "./folders.ts";
import { checkRules, promtool } from "./promtool.ts";
import { objectsOf } from "./shop.ts";
import { isThere, judge } from "./tools.ts";

const write = useJudgeFolders();
const folder = new URL("../../test/declarations/full/landfall.config.yaml", import.meta.url).pathname;

/** A template's query with what Flagger puts in for an app. */
const filled = (query: string, namespace: string, app: string) =>
  query.replaceAll(/\{\{ (\w+) \}\}/g, (_, key: string) =>
    key === "interval" ? "1m" : key === "namespace" ? namespace : app,
  );

interface Template {
  kind: string;
  metadata: { name: string; namespace: string };
  spec: { query: string };
}
const queriesIn = (objects: readonly object[]) =>
  (objects as Template[])
    .filter(({ kind }) => kind === "MetricTemplate")
    .map(({ metadata: { name, namespace }, spec: { query } }) => {
      const [app = ""] = name.split(".");
      return { name, expr: filled(query, namespace, app) };
    });

async function local() {
  const plan = await compile(folder, { registry });
  const cluster = plan.clusters.find(({ name }) => name === "local");
  if (!cluster) throw new Error("the full declaration has no cluster `local`");
  return objectsOf(cluster);
}
/** The recordings and alerts of releases, as Prometheus gets them. */
function rulesOf(objects: Awaited<ReturnType<typeof local>>) {
  const files = objects.flatMap(({ kind, data }) =>
    kind === "ConfigMap" ? Object.entries(data as object) : [],
  );
  const groups = files
    .filter(([name]) => /^rules-\d+\.yml$/.test(name))
    .flatMap(([, text]) => (parse(text as string) as { groups: { name: string }[] }).groups);
  return groups.filter(({ name }) => name.startsWith("release-"));
}

const requests = "http_server_request_duration_seconds";
const of = (role: string, more: string) => `{namespace="shop",app="checkout",role="${role}",pod="x"${more}}`;
const count = (role: string, code: string) =>
  `${requests}_count${of(role, `,http_response_status_code="${code}"`)}`;
const bucket = (le: string) => `${requests}_bucket${of("canary", `,le="${le}"`)}`;

describe.skipIf(!isThere(promtool))("the queries of releases", { timeout: 300_000 }, () => {
  it("are PromQL, for everything that is emitted", async () => {
    const all = (await everything()).flatMap(({ objects }) => queriesIn(objects));
    expect(new Set(all.map(({ name }) => name)).size).toBeGreaterThan(8);
    const rules = all.map(({ expr }, i) => ({ record: `judged:query:n${i}`, expr }));
    const { code, text } = await checkRules(
      { "rules.yml": stringify({ groups: [{ name: "queries", rules }] }) },
      write,
    );
    expect(code, text).toBe(0);
  });

  it("say what is wrong with a new version, and nothing of one that nobody asks", async () => {
    const queries = new Map(queriesIn(await local()).map(({ name, expr }) => [name, expr]));
    const exprOf = (metric: string) => queries.get(`checkout.${metric}`) ?? "";
    const ask = (metric: string, value: number | undefined) => ({
      expr: exprOf(metric),
      eval_time: "5m",
      exp_samples: value === undefined ? [] : [{ labels: "{}", value }],
    });
    const good: [string, string][] = [[count("canary", "200"), "0+6x40"]];
    const tests = [
      { name: "no failures are none", series: good, asked: [ask("error-rate", 0)] },
      {
        name: "one of four fails",
        series: [...good, [count("canary", "503"), "0+2x40"]],
        asked: [ask("error-rate", 25)],
      },
      {
        name: "what the primary does is not the canary's",
        series: [...good, [count("primary", "503"), "0+100x40"]],
        asked: [ask("error-rate", 0)],
      },
      {
        name: "nobody asks",
        series: [[count("primary", "200"), "0+6x40"]],
        asked: [ask("error-rate", undefined)],
      },
      {
        name: "slow",
        series: [
          [bucket("0.25"), "0+0x40"],
          [bucket("0.5"), "0+6x40"],
          [bucket("+Inf"), "0+6x40"],
        ],
        asked: [ask("latency-p99", 497.5)],
      },
      {
        name: "memory of the fullest new pod alone",
        series: [
          [
            'container_memory_working_set_bytes{namespace="shop",pod="checkout-5f7c-x2k9q",container="checkout"}',
            "67108864x40",
          ],
          [
            'container_memory_working_set_bytes{namespace="shop",pod="checkout-primary-5f7c-x2k9q",container="checkout"}',
            "134217728x40",
          ],
          [
            'container_memory_working_set_bytes{namespace="shop",pod="checkout-5f7c-x2k9q",container="other"}',
            "134217728x40",
          ],
        ],
        asked: [ask("memory", 50)],
      },
      {
        name: "the gateway's own count, by backend",
        series: [
          [
            'traefik_service_requests_total{part="traefik",service="shop-checkout-canary-http-8080@kubernetesgateway",code="200"}',
            "0+6x40",
          ],
          [
            'traefik_service_requests_total{part="traefik",service="shop-checkout-canary-http-8080@kubernetesgateway",code="502"}',
            "0+2x40",
          ],
          [
            'traefik_service_requests_total{part="traefik",service="shop-checkout-primary-http-8080@kubernetesgateway",code="502"}',
            "0+50x40",
          ],
        ],
        asked: [ask("gateway-error-rate", 25)],
      },
    ] satisfies { name: string; series: string[][]; asked: object[] }[];
    await unitTest({ groups: [] }, tests);
  });

  it("record both roles side by side, and alert on a version that was taken back", async () => {
    const groups = rulesOf(await local());
    expect(groups.map(({ name }) => name)).toEqual([
      "release-shop-checkout",
      "release-shop-quotes",
      "release-shop-search",
    ]);
    const ratio = (role: string, value: number) => ({
      labels: `app_role:request_error_ratio:rate1m{app="checkout",namespace="shop",role="${role}"}`,
      value,
    });
    const status =
      'flagger_canary_status{name="checkout",exported_namespace="shop",namespace="flagger",pod="f"}';
    const exp_labels = { app: "checkout", namespace: "shop", severity: "ticket" };
    const exp_annotations = {
      summary:
        "the last version of shop/checkout failed its checks and was rolled back; the one before it serves",
    };
    await unitTest({ groups }, [
      {
        name: "side by side",
        series: [
          [count("primary", "200"), "0+8x40"],
          [count("canary", "200"), "0+6x40"],
          [count("canary", "500"), "0+2x40"],
        ],
        asked: [
          {
            expr: 'app_role:request_error_ratio:rate1m{app="checkout"}',
            eval_time: "5m",
            exp_samples: [ratio("primary", 0), ratio("canary", 0.25)],
          },
        ],
      },
      {
        name: "taken back, then promoted",
        series: [[status, "0 0 2 2 2 1 1"]],
        alerts: [
          { eval_time: "15s", alertname: "ReleaseRolledBack", exp_alerts: [] },
          { eval_time: "45s", alertname: "ReleaseRolledBack", exp_alerts: [{ exp_labels, exp_annotations }] },
          { eval_time: "90s", alertname: "ReleaseRolledBack", exp_alerts: [] },
        ],
      },
    ]);
  });
});

interface UnitTest {
  name: string;
  series: string[][];
  asked?: object[];
  alerts?: object[];
}

/** promtool's unit tests, with a sample every 15 seconds. */
async function unitTest(rules: { groups: object[] }, tests: UnitTest[]): Promise<void> {
  const made = write({
    "rules.yml": stringify(rules),
    "tests.yml": stringify({
      rule_files: ["rules.yml"],
      evaluation_interval: "15s",
      tests: tests.map(({ name, series, asked = [], alerts = [] }) => ({
        name,
        interval: "15s",
        input_series: series.map(([of, values]) => ({ series: of, values })),
        promql_expr_test: asked,
        alert_rule_test: alerts,
      })),
    }),
  });
  const { code, text } = await judge(promtool, ["test", "rules", `${made}/tests.yml`]);
  expect(code, text).toBe(0);
}
