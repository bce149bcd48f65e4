import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import type { RuleGroup } from "../../kit/index.ts";
import { contextOf, renderPart } from "../../kit/testing/render-part.ts";
import { sampleApp } from "../../kit/testing/samples.ts";
import { ruleGroups } from "../../kit/tokens.ts";
import { metrics } from "../metrics/part.ts";
import { prometheus } from "./part.ts";
import { ruleFiles } from "./rule-files.ts";

const ports = ["http", "metrics"].map((name, i) => ({ name, port: 8080 + i, protocol: "http" as const }));
const appsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => sampleApp(`app-${i}`, ports, { slo: {} }));
const groupsOf = (count: number) => {
  const cx = contextOf(metrics, { apps: appsOf(count) });
  return (metrics.definition.contributes ?? []).flatMap(({ items }) => items(cx as never) as RuleGroup[]);
};
const read = (files: Record<string, string>) =>
  Object.values(files).flatMap((text) => (load(text) as { groups: RuleGroup[] }).groups);
const byName = (a: RuleGroup, b: RuleGroup) => (a.name < b.name ? -1 : 1);

describe("rule files", () => {
  it("are one file where it is small enough, also without rules", () => {
    expect(ruleFiles([])).toEqual({ "rules-0.yml": "groups: []\n" });
    expect(Object.keys(ruleFiles(groupsOf(100)))).toEqual(["rules-0.yml"]);
  });

  it("hold the rules of 1,000 apps that promise something, each file in a ConfigMap that Kubernetes takes", () => {
    const groups = groupsOf(1000);
    expect(groups).toHaveLength(1001);
    const maps = renderPart(prometheus, { collected: [[ruleGroups, groups]] }).filter(
      ({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("prometheus-rules-"),
    );
    expect(maps.length).toBeGreaterThan(3);
    for (const { data } of maps) expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(1024 * 1024);
    const files = Object.assign({}, ...maps.map(({ data }) => data)) as Record<string, string>;
    expect(Object.keys(files)).toHaveLength(maps.length);
    expect(read(files).sort(byName)).toEqual(groups.toSorted(byName));
  });

  it("change in one file when one app changes", () => {
    const [before, groups] = [ruleFiles(groupsOf(1000)), groupsOf(1000)];
    const [first] = groups;
    if (first) groups[0] = { ...first, rules: first.rules.slice(1) };
    const after = ruleFiles(groups);
    const changed = Object.keys(after).filter((file) => after[file] !== before[file]);
    expect(changed).toHaveLength(1);
  });

  it("say what they were given, whatever stands in it", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("yes", "null", "1e3", "a: b", "'", "- x", "a:"),
    );
    const labels = fc.dictionary(fc.stringMatching(/^[a-zA-Z_]\w*$/), text, {
      minKeys: 1,
      noNullPrototype: true,
    });
    const rule = fc.record({ alert: text, expr: text, for: text, labels, annotations: labels });
    const group = fc.record({ name: text, rules: fc.array(rule, { minLength: 1, maxLength: 3 }) });
    fc.assert(
      fc.property(fc.uniqueArray(group, { selector: ({ name }) => name, maxLength: 4 }), (groups) => {
        expect(read(ruleFiles(groups)).sort(byName)).toEqual(groups.toSorted(byName));
      }),
      { numRuns: 300 },
    );
  });
});
