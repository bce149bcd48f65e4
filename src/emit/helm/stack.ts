/**
 * A chart for an app that calls others: the app and, where they are enabled, those it calls, each the generic chart
 * under the app's name. Calls may be cyclic and charts may not, so a chart names what its app calls itself and no more.
 */
import { toYaml } from "../../util/yaml.ts";
import { chartName, chartVersion } from "./chart.ts";
import { type Group, groupsOf } from "./groups.ts";

/** An app on one cluster: its values, and those of what it calls there. */
export interface Stack {
  cluster: string;
  environment: string | undefined;
  own: string;
  called: { name: string; values: string }[];
}

/** The name of an app in a chart that has it: not one that Helm gives a meaning of its own. */
const aliasOf = (app: string) => (["global", "tags", "exports"].includes(app) ? `_${app}` : app);

/** The chart's files by path; none for an app that calls nobody. */
export function stackFiles(app: string, placed: Stack[]): [path: string, text: string][] {
  const called = [...new Set(placed.flatMap((stack) => stack.called.map(({ name }) => name)))].sort();
  if (called.length === 0) return [];
  const groups = groupsOf(placed.map((stack) => ({ ...stack, text: stackValues(app, stack) })));
  return [
    ["Chart.yaml", chartYaml(app, called)],
    ["values.yaml", defaults(app, called)],
    ...groups.map(({ name, text }: Group): [string, string] => [`values-${name}.yaml`, text]),
  ];
}

function chartYaml(app: string, called: string[]): string {
  const generic = { name: chartName, version: chartVersion, repository: `file://../../chart` };
  return toYaml({
    apiVersion: "v2",
    name: app,
    description: `${app}, and what it calls where that is enabled.`,
    type: "application",
    version: chartVersion,
    dependencies: [
      { ...generic, alias: aliasOf(app) },
      ...called.map((name) => ({ ...generic, alias: aliasOf(name), condition: `${aliasOf(name)}.enabled` })),
    ],
  });
}

function defaults(app: string, called: string[]): string {
  const off = called.map((name) => [aliasOf(name), { enabled: false }]);
  const note = `# What ${app} calls comes along where it is enabled; values-<environment>.yaml has the values.\n`;
  return note + toYaml(Object.fromEntries(off));
}

function stackValues(app: string, { own, called }: Stack): string {
  const all = [{ name: app, values: own }, ...called];
  return all.map(({ name, values }) => `${aliasOf(name)}:\n${indented(values)}`).join("");
}

/** Each line deeper; empty ones stay empty, as block texts want them. */
const indented = (text: string) => text.replace(/^(?=.)/gm, "  ");
