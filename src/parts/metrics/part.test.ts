import { describe, expect, it } from "vitest";
import type { RuleGroup } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { contextOf, type PartSetting, renderPart } from "../../kit/testing/render-part.ts";
import { sampleApp } from "../../kit/testing/samples.ts";
import { metrics } from "./part.ts";

const port = { name: "metrics", port: 9464, protocol: "http" as const };
const http = { name: "http", port: 8080, protocol: "http" as const };

function groupsIn(setting: PartSetting<{ platform?: boolean }> = {}): RuleGroup[] {
  const cx = contextOf(metrics, setting);
  return (metrics.definition.contributes ?? []).flatMap(({ items }) => items(cx as never) as RuleGroup[]);
}

function alertsOf(availability: number, latency = "500ms"): Record<string, string> {
  const apps = [sampleApp("api", [http, port], { slo: { availability, latency } })];
  const [group] = groupsIn({ apps });
  return Object.fromEntries(
    (group?.rules ?? []).flatMap(({ alert, expr }) => (alert ? [[alert, expr]] : [])),
  );
}

describe("metrics", () => {
  it("contributes what it contributed", () => {
    const group = (g: RuleGroup) => ({
      apiVersion: "golden",
      kind: "RuleGroup",
      metadata: { name: g.name },
      ...g,
    });
    expectGolden(import.meta.dirname, "default", groupsIn().map(group));
    expect(renderPart(metrics)).toEqual([]);
  });

  it("has rules for apps that promise something and can be measured", () => {
    const slo = { slo: {} };
    const apps = [
      sampleApp("a", [http, port], slo),
      sampleApp("b", [http, port]),
      sampleApp("c", [http], slo),
    ];
    expect(groupsIn({ apps }).map(({ name }) => name)).toEqual(["slo-acme-a", "platform"]);
    expect(groupsIn({ apps, options: { platform: false } })).toHaveLength(1);
    expect(groupsIn({ apps: [] }).map(({ name }) => name)).toEqual(["platform"]);
  });

  it.each([
    // 0.1 % of requests may fail: 14.4 times that is 1.44 %.
    [99.9, "0.0144", "0.006", "0.001"],
    [99.5, "0.072", "0.03", "0.005"],
    [99.99, "0.00144", "0.0006", "0.0001"],
    [95, "0.72", "0.3", "0.05"],
  ])("alerts at the burn rates of the workbook for %d %%", (availability, hour, sixHours, days) => {
    const alerts = alertsOf(availability);
    for (const [name, threshold] of Object.entries({ "1h": hour, "6h": sixHours, "3d": days })) {
      const compared = alerts[`ErrorBudgetBurn${name}`]?.match(/> ([\d.e-]+)/g);
      expect(compared).toEqual([`> ${threshold}`, `> ${threshold}`]);
    }
  });

  it.each([
    ["250ms", "0.25"],
    ["2s", "2"],
    ["1m", "60"],
  ])("compares latency in seconds: %s", (latency, seconds) => {
    expect(alertsOf(99.9, latency).LatencyAboveObjective).toMatch(new RegExp(`> ${seconds}$`));
  });

  it("reads windows of hours and days from its own records, never from every pod's series", () => {
    const rules = groupsIn({ apps: [sampleApp("api", [http, port], { slo: {} })] })[0]?.rules ?? [];
    const long = rules.filter(({ record }) => record?.match(/rate(30m|1h|6h|3d)$/));
    expect(long.map(({ record }) => record)).toHaveLength(4);
    for (const { expr } of long) {
      const read = [...expr.matchAll(/([\w:]+)\{/g)].map(([, series]) => series);
      expect(read).toEqual(["app:request_errors:rate5m", "app:requests:rate5m"]);
    }
  });

  it("wakes somebody when an app with a promise has no pod, and always fires its watchdog", () => {
    const apps = ["api", "web"].map((name) => sampleApp(name, [http, port], { slo: {} }));
    const rules = groupsIn({ apps }).flatMap((group) => group.rules);
    const named = (name: string) => rules.find(({ alert }) => alert === name);
    const absent = rules.filter(({ alert }) => alert === "AppWithoutTargets");
    expect(absent).toMatchObject(
      ["api", "web"].map((app) => ({
        expr: `absent(up{app="${app}",namespace="acme"})`,
        for: "5m",
        labels: { app, severity: "page" },
      })),
    );
    expect(named("Watchdog")).toMatchObject({ expr: "vector(1)", labels: { severity: "none" } });
    expect(named("NodeNotScraped")?.expr).toBe('up{job="containers"} == 0');
  });

  it("counts gRPC calls by their codes and HTTP requests by theirs", () => {
    const ledger = groupsIn().find(({ name }) => name === "slo-acme-ledger")?.rules ?? [];
    const api = groupsIn().find(({ name }) => name === "slo-acme-api")?.rules ?? [];
    expect(ledger[0]?.expr).toContain("rpc_server_call_duration_seconds_count");
    expect(ledger[1]?.record).toBe("app:request_errors:rate5m");
    expect(ledger[1]?.expr).toContain('rpc_response_status_code=~"UNKNOWN|');
    expect(api[0]?.expr).toContain("http_server_request_duration_seconds_count");
    expect(api[1]?.expr).toContain('http_response_status_code=~"5.."');
  });
});
