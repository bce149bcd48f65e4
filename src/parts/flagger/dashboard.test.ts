import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RuleGroup } from "../../kit/index.ts";
import { contextOf } from "../../kit/testing/render-part.ts";
import { sampleApp } from "../../kit/testing/samples.ts";
import { metricNames, promqlFault } from "../../util/promql.ts";
import dashboard from "./dashboard.generated.json" with { type: "json" };
import { flagger } from "./part.ts";

const app = sampleApp(
  "web",
  [
    { name: "http", port: 8080, protocol: "http" },
    { name: "metrics", port: 9464, protocol: "http" },
  ],
  { expose: [{ host: "a.example.com" }], release: { canary: { alert: "page" } } },
);
const groups = () => {
  const cx = contextOf(flagger, { apps: [app, sampleApp("plain", [])] });
  return (flagger.definition.contributes ?? []).flatMap(({ items }) => items(cx as never) as RuleGroup[]);
};
const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

test("every query of the dashboard is PromQL", () => {
  expect(queries.length).toBeGreaterThan(5);
  for (const query of queries) expect(promqlFault(query), query).toBeUndefined();
});

test("every query asks for series that are recorded, that Flagger has, or that containers have", () => {
  const recorded = groups().flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? []));
  // What its sources register (pkg/metrics/recorder.go).
  const own = ["status", "weight", "metric_analysis"].map((name) => `flagger_canary_${name}`);
  const kept = readFileSync(join(import.meta.dirname, "../prometheus/golden/default.yaml"), "utf8");
  const scraped = /regex: (container_\S+)/.exec(kept)?.[1] ?? "";
  const known = (name: string) =>
    recorded.includes(name) || own.includes(name) || new RegExp(`^(${scraped})$`).test(name);
  expect(recorded).toHaveLength(3);
  const names = [...new Set(queries.flatMap(metricNames))];
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !known(name))).toEqual([]);
  // And everything that is recorded is drawn.
  expect(recorded.filter((name) => !names.includes(name))).toEqual([]);
});

test("what is recorded is told apart by role, and an alert says which app it is about", () => {
  const [group, ...others] = groups();
  expect(others).toEqual([]);
  expect(group?.name).toBe("release-acme-web");
  for (const { expr } of group?.rules ?? []) expect(promqlFault(expr), expr).toBeUndefined();
  expect(group?.rules.filter(({ record }) => record).every(({ expr }) => expr.includes("by (role"))).toBe(
    true,
  );
  expect(group?.rules.at(-1)).toMatchObject({
    alert: "ReleaseRolledBack",
    labels: { app: "web", namespace: "acme", severity: "page" },
  });
});
