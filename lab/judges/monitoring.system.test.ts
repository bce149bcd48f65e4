/** promtool and amtool over every config and rule that the examples and the catalogue emit. */
import { beforeAll, describe, expect, it } from "vitest";
import type { RuleGroup } from "../../src/kit/index.ts";
import { contextOf, renderPart } from "../../src/kit/testing/render-part.ts";
import { sampleApp } from "../../src/kit/testing/samples.ts";
import { ruleGroups } from "../../src/kit/tokens.ts";
import { metrics, prometheus } from "../../src/parts/index.ts";
import type { KubernetesObject } from "../../src/schema/object.ts";
import { everything } from "./everything.ts";
import { useJudgeFolders } from "./folders.ts";
import { checkConfig, checkRules, promtool } from "./promtool.ts";
import { debianTool, isThere, judge } from "./tools.ts";

const amtool = await debianTool("prometheus-alertmanager", "amtool");
const write = useJudgeFolders();

/** The files of all ConfigMaps that have one whose name passes, by the set they are emitted with. */
let sets: [string, Record<string, string>][];
beforeAll(async () => {
  sets = (await everything()).map(({ name, objects }) => [name, filesOf(objects)]);
});

function filesOf(objects: KubernetesObject[]): Record<string, string> {
  const maps = objects.filter(({ kind }) => kind === "ConfigMap").map(({ data }) => data);
  return Object.assign({}, ...maps);
}

const only = (files: Record<string, string>, pattern: RegExp) =>
  Object.fromEntries(Object.entries(files).filter(([name]) => pattern.test(name)));
const rulesIn = (files: Record<string, string>) => only(files, /^rules-\d+\.yml$/);

describe.skipIf(!isThere(promtool))("promtool", () => {
  it("takes every config and every rule that is emitted", async () => {
    const judged = sets.filter(([, files]) => files["prometheus.yml"]);
    expect(judged.map(([name]) => name)).toEqual(
      expect.arrayContaining(["examples/shop on local", "parts/prometheus default"]),
    );
    for (const [name, files] of judged) {
      const rules = rulesIn(files);
      const config = await checkConfig({ ...rules, "prometheus.yml": files["prometheus.yml"] ?? "" }, write);
      expect(config.code, `${name}: ${config.text}`).toBe(0);
      const { code, text } = await checkRules(rules, write);
      expect(code, `${name}: ${text}`).toBe(0);
    }
  });

  it("takes the rules of 1,000 apps that promise something", async () => {
    const ports = ["http", "metrics"].map((name, i) => ({ name, port: 8080 + i, protocol: "http" as const }));
    const apps = Array.from({ length: 1000 }, (_, i) => sampleApp(`app-${i}`, ports, { slo: {} }));
    const cx = contextOf(metrics, { apps });
    const groups = (metrics.definition.contributes ?? []).flatMap(
      ({ items }) => items(cx as never) as RuleGroup[],
    );
    const files = rulesIn(filesOf(renderPart(prometheus, { collected: [[ruleGroups, groups]] })));
    const { code, text } = await checkRules(files, write);
    expect(code, text.slice(0, 2000)).toBe(0);
    const found = [...text.matchAll(/(\d+) rules found/g)].map(([, count]) => Number(count));
    expect(found).toHaveLength(Object.keys(files).length);
    expect(found.reduce((a, b) => a + b)).toBe(groups.reduce((sum, { rules }) => sum + rules.length, 0));
  });
});

describe.skipIf(!isThere(amtool))("amtool", () => {
  it("takes every config that is emitted", async () => {
    const judged = sets.filter(([, files]) => files["alertmanager.yml"]);
    expect(judged.map(([name]) => name)).toEqual(
      expect.arrayContaining(["examples/shop on local", "parts/alertmanager default"]),
    );
    for (const [name, files] of judged) {
      const folder = write(only(files, /^alertmanager\.yml$/));
      const { code, text } = await judge(amtool, ["check-config", `${folder}/alertmanager.yml`]);
      expect(code, `${name}: ${text}`).toBe(0);
    }
  });
});
