import { formVersion } from "../../model/company.ts";
import { toYaml } from "../../util/yaml.ts";
import { type Estate, type EstateApp, type EstateCluster, yamlSpec } from "./estate.ts";

/** The estate in YAML: the company in one file, each app in one of its own. Contents by path. */
export function yamlForm(estate: Estate): Record<string, string> {
  const { company, clusters, parts, secrets, overlays, apps } = estate;
  const environments = [...new Set(clusters.map(({ environment }) => environment))];
  const text = `# yaml-language-server: $schema=./landfall.schema.json
# Made by \`landfall init --estate apps=${apps.length},clusters=${clusters.length} --seed ${estate.size.seed}\`.
landfall: ${formVersion}
company: ${company}
domain: ${company}.example.com

environments:
${environments.map((name) => `  ${name}: {}\n`).join("")}
clusters:
${clusters.map(clusterLine).join("")}
parts:
${parts.map((id) => `  ${id}: {}\n`).join("")}
${secrets.length > 0 ? toYaml({ secrets: Object.fromEntries(secrets.map((name) => [name, { generate: 32, rotate: "90d" }])) }) : ""}
# Changes of many apps at once, before the overrides of each.
${toYaml({ overlays })}
# One file an app, named after it.
include:
  - apps
`;
  return { "landfall.config.yaml": text, ...Object.fromEntries(apps.map((app) => appFile(company, app))) };
}

function clusterLine({ name, environment, region, tier, pool }: EstateCluster): string {
  return `  ${name}: { type: kubernetes, context: ${name}, environment: ${environment}, labels: { region: ${region}, tier: ${tier}, pool: ${pool} } }\n`;
}

function appFile(company: string, app: EstateApp): [string, string] {
  // For YAML 1.1 a bare `on` would be a boolean; a declaration is YAML 1.2 and reads better so.
  const text = toYaml(yamlSpec(company, app)).replace(/^"on":/m, "on:");
  return [`apps/${app.team}/${app.name}.yaml`, text];
}
