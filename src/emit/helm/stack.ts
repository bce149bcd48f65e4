/**
 * A chart for an app that calls others: the app and, where they are enabled, those it calls, each the generic chart
 * under the app's name. Calls may be cyclic and charts may not, so a chart names what its app calls itself and no more.
 */
import { toYaml } from "../../util/yaml.ts";
import { declaredName, type HelmApp } from "./apps.ts";
import { chartName, chartVersion } from "./chart.ts";
import { type Group, groupsOf } from "./groups.ts";

/** The name of an app in a chart that has it: not one that Helm gives a meaning of its own. */
const aliasOf = (app: string) => (["global", "tags", "exports"].includes(app) ? `_${app}` : app);

/** The chart of an app with those it calls, by path; none for an app that calls nobody. */
export function stackFiles(
  { app, placements }: HelmApp,
  apps: Map<string, HelmApp>,
): [path: string, text: string][] {
  const stacks = placements.map(({ cluster, environment, placed }) => {
    const names = [app, ...placed.callees.map(declaredName)];
    const members = names.flatMap((name): Member[] => {
      const group = apps.get(name)?.on.get(cluster);
      return group ? [{ name, group }] : [];
    });
    const key = members.map(({ name, group }) => `${name} ${group.name}`).join("\n");
    return { cluster, environment, key, members };
  });
  const called = new Set(stacks.flatMap(({ members }) => members.slice(1).map(({ name }) => name)));
  if (called.size === 0) return [];
  const members = new Map(stacks.map((stack) => [stack.key, stack.members]));
  const sorted = [...called].sort();
  return [
    [`apps/${app}/Chart.yaml`, chartYaml(app, sorted)],
    [`apps/${app}/values.yaml`, defaults(app, sorted)],
    ...groupsOf(stacks).map(({ name, key }): [string, string] => [
      `apps/${app}/values-${name}.yaml`,
      (members.get(key) ?? []).map(memberValues).join(""),
    ]),
  ];
}

/** An app in the chart of one that calls it, or of itself. */
interface Member {
  name: string;
  group: Group;
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

/** Values of an app under its name: each line deeper, but for empty ones, as block texts want them. */
function memberValues({ name, group }: Member): string {
  return `${aliasOf(name)}:\n${group.key.replace(/^(?=.)/gm, "  ")}`;
}
