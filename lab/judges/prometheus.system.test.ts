import { beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { useJudgeFolders } from "./folders.ts";
import { checkConfig as checkConfigFiles, checkRules as checkRuleFiles, promtool } from "./promtool.ts";
import { grpcCalls, grpcDurations, httpRequests, ruleTests, type Story } from "./rules.ts";
import { filesOf, shopCluster } from "./shop.ts";
import { isThere, judge } from "./tools.ts";

const write = useJudgeFolders();

const stories: Story[] = [
  {
    name: "nobody calls anybody",
    series: [...grpcCalls("catalog", "7x300", "0x300"), ...grpcDurations("catalog", "7x300", 0.1, 1, true)],
    expected: [{ at: "4h", firing: [] }],
  },
  { name: "nothing was ever scraped", series: [], expected: [{ at: "4h", firing: [] }] },
  {
    name: "one of 20,000 requests fails",
    series: [
      ...grpcCalls("catalog", "0+19999x300", "0+1x300"),
      ...httpRequests("storefront", "0+600x300", "0x300"),
    ],
    expected: [
      { at: "30m", firing: [] },
      { at: "4h", firing: [] },
    ],
  },
  {
    name: "5 % of catalog's calls fail, storefront is well",
    series: [
      ...grpcCalls("catalog", "0+950x300", "0+50x300"),
      ...httpRequests("storefront", "0+600x300", "0+1x300"),
    ],
    expected: [
      {
        at: "1h",
        firing: [
          ["ErrorBudgetBurn1h", "catalog"],
          ["ErrorBudgetBurn6h", "catalog"],
          ["ErrorBudgetBurn3d", "catalog"],
        ],
      },
    ],
  },
  {
    name: "5 % of storefront's requests fail: less than its budget burnt 14.4 times, more than 6 times",
    series: httpRequests("storefront", "0+950x300", "0+50x300"),
    expected: [
      {
        at: "1h",
        firing: [
          ["ErrorBudgetBurn6h", "storefront"],
          ["ErrorBudgetBurn3d", "storefront"],
        ],
      },
    ],
  },
  {
    name: "cart burns twice its budget: nobody is woken",
    series: grpcCalls("cart", "0+998x300", "0+2x300"),
    expected: [{ at: "4h", firing: [["ErrorBudgetBurn3d", "cart"]] }],
  },
  {
    name: "the page ends soon after the cause",
    series: grpcCalls("cart", "0+900x300", "0+100x20 2000x280"),
    expected: [
      {
        at: "15m",
        firing: [
          ["ErrorBudgetBurn1h", "cart"],
          ["ErrorBudgetBurn6h", "cart"],
          ["ErrorBudgetBurn3d", "cart"],
        ],
      },
      {
        at: "40m",
        firing: [
          ["ErrorBudgetBurn6h", "cart"],
          ["ErrorBudgetBurn3d", "cart"],
        ],
      },
    ],
  },
  {
    name: "catalog is slower than promised, for ten minutes",
    series: grpcDurations("catalog", "0+100x300", 0.25, 1, true),
    expected: [
      { at: "5m", firing: [] },
      { at: "30m", firing: [["LatencyAboveObjective", "catalog"]] },
    ],
  },
  {
    name: "catalog is as quick as promised",
    series: grpcDurations("catalog", "0+100x300", 0.25, 1, false),
    expected: [{ at: "30m", firing: [] }],
  },
];

/** What goes wrong with pods and nodes, by alert: the series that must raise it, and those that must not. */
const platform: Record<string, { raises: [string, string][]; spares: [string, string][] }> = {
  PodNotScraped: {
    raises: [['up{job="pods",namespace="shop",pod="cart-1"}', "1x5 0x20"]],
    spares: [['up{job="pods",namespace="shop",pod="cart-1"}', "1x15 0 1x10"]],
  },
  // Each start is a container of its own, and so a series of its own.
  ContainerRestarts: {
    raises: [10, 13, 16, 19].map((minute) => container(`r${minute}`, minute)),
    spares: [container("r1", 2), container("r2", 18)],
  },
  ContainerKilledForMemory: {
    raises: [['container_oom_events_total{namespace="shop",pod="cart-1",container="cart"}', "0x18 1x5"]],
    spares: [['container_oom_events_total{namespace="shop",pod="cart-1",container="cart"}', "1x25"]],
  },
  NodeNotScraped: {
    raises: [['up{job="containers",node="one"}', "1x5 0x20"]],
    spares: [['up{job="containers",node="one"}', "1x17 0x2 1x5"]],
  },
  AppWithoutTargets: {
    raises: [['up{job="pods",app="cart",namespace="shop"}', "1x5 stale"]],
    spares: ["storefront", "catalog", "cart"].map((app) => [
      `up{job="pods",app="${app}",namespace="shop"}`,
      "0x25",
    ]),
  },
  NodeDiskAlmostFull: { raises: disk(4), spares: disk(6) },
};

/** A container's start time, scraped from one minute on for three. */
function container(id: string, minute: number): [string, string] {
  const labels = `namespace="shop",pod="cart-1",container="cart",id="/kubepods/${id}",name="${id}"`;
  return [`container_start_time_seconds{${labels}}`, `_x${minute} ${minute * 60}x2`];
}

function disk(free: number): [string, string][] {
  const labels = '{mountpoint="/",device="/dev/sda1",node="one"}';
  return [
    [`node_filesystem_avail_bytes${labels}`, `${free}x25`],
    [`node_filesystem_size_bytes${labels}`, "100x25"],
  ];
}

describe.skipIf(!isThere(promtool))("the shop's Prometheus config, by promtool", { timeout: 300_000 }, () => {
  let files: Record<string, string>;
  beforeAll(async () => {
    const shop = await shopCluster();
    files = { ...filesOf(shop, "prometheus-config"), ...filesOf(shop, "prometheus-rules") };
  });
  const checkRules = (rules: string) => checkRuleFiles({ "rules-0.yml": rules }, write);
  const testRules = (rules: string, tests: string) => {
    const folder = write({ "rules.yml": rules, "tests.yml": tests });
    return judge(promtool, ["test", "rules", "tests.yml"], folder);
  };

  const checkConfig = (config: string) => checkConfigFiles({ ...files, "prometheus.yml": config }, write);

  it("is a config with rules", async () => {
    const { code, text } = await checkConfig(files["prometheus.yml"] ?? "");
    expect(text).toMatch(/SUCCESS: \d\d+ rules found/);
    expect(code).toBe(0);
  });

  it("is refused when it is broken", async () => {
    const broken = (files["prometheus.yml"] ?? "").replace("relabel_configs", "relabel_config");
    const { code, text } = await checkConfig(broken);
    expect(text).toContain("relabel_config not found");
    expect(code).toBe(1);
  });

  it("has rules without a complaint", async () => {
    const { code, text } = await checkRules(files["rules-0.yml"] ?? "");
    expect(code, text).toBe(0);
  });

  it("has rules that are refused when one is broken", async () => {
    const { code } = await checkRules((files["rules-0.yml"] ?? "").replace("sum(rate(", "sum(rate(("));
    expect(code).toBe(1);
  });

  it.each(stories)("alerts as it should when $name", async (story) => {
    const rules = files["rules-0.yml"] ?? "";
    const { code, text } = await testRules(rules, ruleTests(parse(rules), [story]));
    expect(code, text).toBe(0);
  });

  it("is found wanting when a threshold is wrong", async () => {
    const lax = (files["rules-0.yml"] ?? "").replaceAll("> 0.0144", "> 0.5");
    const [burn] = stories.filter(({ name }) => name.startsWith("5 % of catalog"));
    const { code, text } = await testRules(lax, ruleTests(parse(lax), burn ? [burn] : []));
    expect(text).toContain("ErrorBudgetBurn1h");
    expect(code).toBe(1);
  });

  it.each(Object.entries(platform))("raises %s for its cause only", async (alert, { raises, spares }) => {
    expect(await firing(alert, raises)).toBeGreaterThan(0);
    expect(await firing(alert, spares)).toBe(0);
  });

  /** How many alerts of a name fire after 20 minutes, read from what promtool says when none is expected. */
  async function firing(alertname: string, series: [string, string][]): Promise<number> {
    const tests = stringify({
      rule_files: ["rules.yml"],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: series.map(([of, values]) => ({ series: of, values })),
          alert_rule_test: [{ eval_time: "22m", alertname, exp_alerts: [] }],
        },
      ],
    });
    const { code, text } = await testRules(files["rules-0.yml"] ?? "", tests);
    if (code === 0) return 0;
    expect(text).toContain("exp:[");
    return text.match(/Labels:/g)?.length ?? 0;
  }
});
