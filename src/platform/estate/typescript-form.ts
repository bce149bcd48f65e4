import { formVersion } from "../../model/company.ts";
import { partConstants } from "../../model/part-constants.ts";
import { type Estate, type EstateApp, usual } from "./estate.ts";
import { fieldsOf, literal } from "./literal.ts";

/**
 * The estate as one program: a table of apps and one of clusters as data, and a short loop over each.
 * Contents by path.
 */
export function typeScriptForm(estate: Estate): Record<string, string> {
  return {
    "landfall.config.ts": program(estate),
    "apps.json": table(estate.apps.map(appRow)),
    "clusters.json": table(
      estate.clusters.map(({ name, environment, region, tier, pool }) => [
        name,
        environment,
        { region, tier, pool },
      ]),
    ),
  };
}

function appRow({ name, team, domain, tier, version, region, calls, password, more }: EstateApp): unknown[] {
  return [name, team, domain.pool, tier, version, region, calls, { ...(password && { password }), ...more }];
}

/** One row a line, so that a change is a line. */
function table(rows: unknown[][]): string {
  return `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`;
}

/** What stands in a declaration in TypeScript around its apps. */
export function companyProgram(
  estate: Estate,
  body: { imports: string; apps: string; rest: string },
): string {
  const { company, parts, overlays, clusters, apps, size } = estate;
  const names = parts.map((id) => partConstants.get(id) ?? id);
  return `// Made by \`landfall init --estate apps=${apps.length},clusters=${clusters.length} --seed ${size.seed}\`.
${body.imports}
import { ${names.toSorted().join(", ")} } from "landfall/parts";
import clusterTable from "./clusters.json" with { type: "json" };

const environments = Object.fromEntries(
  ${literal([...new Set(clusters.map(({ environment }) => environment))])}.map((name) => [name, environment(name)]),
);
// A cluster is its name, its environment and its labels.
const clusters = (clusterTable as [string, string, Record<string, string>][]).map(([name, of, labels]) =>
  kubernetesCluster(name, { context: name, environment: environments[of], labels }),
);
${body.apps}
export default company("${company}", {
  landfall: ${formVersion},
  domain: "${company}.example.com",
  clusters,
  parts: [${names.map((name) => `${name}()`).join(", ")}],
  // Changes of many apps at once, before the overrides of each.
  overlays: [
${overlays.map((overlay) => `    ${literal(overlay)},\n`).join("")}  ],
${body.rest}});
`;
}

function program(estate: Estate): string {
  const apps = `
// What the apps of a tier have in common.
const usual: Record<string, AppInput> = {
${fieldsOf(usual)
  .map((field) => `  ${field},\n`)
  .join("")}};

type Patch = { where: Record<string, string>; set: object };
type More = Omit<AppInput, "after" | "overrides"> & { password?: string; after?: string[]; overrides?: Patch[] };
// An app is its name, team, pool, tier, version, region, what it calls, and what differs from its tier.
type Row = [string, string, string, string, string, string, string[], More];

const apps = new Map<string, AppHandle>();
const secrets = new Map<string, SecretHandle>();
const appNamed = (name: string) => apps.get(name) as AppHandle;
for (const [name, team, pool, tier, version, region, calls, more] of appTable as unknown as Row[]) {
  const { password, after, overrides, env, ...rest } = more;
  if (password && !secrets.has(password)) secrets.set(password, secret(password, { generate: 32, rotate: "90d" }));
  const handle = app(name, {
    image: \`ghcr.io/${estate.company}/\${name}:\${version}\`,
    namespace: team,
    labels: { tier, team, region },
    on: { labels: { pool } },
    ...usual[tier],
    ...rest,
    ...((env || password) && { env: { ...env, ...(password && { PASSWORD: secrets.get(password) }) } }),
    ...(after && { after: after.map(appNamed) }),
    ...(overrides && { overrides: overrides.map(({ where, set }) => override(where, set)) }),
    ...(calls.length > 0 && { calls: () => calls.map(appNamed) }),
  });
  apps.set(name, handle);
}
`;
  const imports = `import {
  type AppHandle, type AppInput, type SecretHandle, app, company, environment, kubernetesCluster, override, secret,
} from "landfall";
import appTable from "./apps.json" with { type: "json" };`;
  return companyProgram(estate, { imports, apps, rest: "  apps: [...apps.values()],\n" });
}
