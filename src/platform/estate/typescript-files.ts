import { type Estate, type EstateApp, plainSpec } from "./estate.ts";
import { fieldsOf, literal } from "./literal.ts";
import { companyProgram } from "./typescript-form.ts";

/** The estate in TypeScript with a file for each app, which imports the apps it calls. Contents by path. */
export function typeScriptFiles(estate: Estate, clusterTable: string): Record<string, string> {
  const teams = new Map(estate.apps.map(({ name, team }) => [name, team]));
  const pathTo = (from: EstateApp, name: string) => {
    const team = teams.get(name) ?? "";
    return team === from.team ? `./${name}.ts` : `../${team}/${name}.ts`;
  };
  const imports = `import { company, environment, kubernetesCluster } from "landfall";`;
  const rest = '  // One file an app, its default export.\n  include: ["apps"],\n';
  return {
    "landfall.config.ts": companyProgram(estate, { imports, apps: "", rest }),
    "clusters.json": clusterTable,
    ...(estate.secrets.length > 0 && { "secrets.ts": secretsFile(estate.secrets) }),
    ...Object.fromEntries(
      estate.apps.map((app) => [
        `apps/${app.team}/${app.name}.ts`,
        appFile(estate.company, app, (name) => pathTo(app, name)),
      ]),
    ),
  };
}

function secretsFile(secrets: string[]): string {
  const lines = secrets.map(
    (name) => `export const ${identifier(name)} = secret("${name}", { generate: 32, rotate: "90d" });\n`,
  );
  return `import { secret } from "landfall";\n\n${lines.join("")}`;
}

function appFile(company: string, app: EstateApp, pathTo: (name: string) => string): string {
  const { env, overrides = [], after = [], ...rest } = plainSpec(company, app);
  const { calls, password } = app;
  const list = (names: string[]) => `[${names.map(identifier).join(", ")}]`;
  const patches = overrides.map(({ where, set }) => `override(${literal(where)}, ${literal(set)})`);
  const variables = [...fieldsOf(env ?? {}), ...(password ? [`PASSWORD: ${identifier(password)}`] : [])];
  const lines = [
    ...fieldsOf(rest),
    ...(variables.length > 0 ? [`env: { ${variables.join(", ")} }`] : []),
    ...(after.length > 0 ? [`after: ${list(after)}`] : []),
    ...(calls.length > 0 ? [`calls: () => ${list(calls)}`] : []),
    ...(patches.length > 0 ? [`overrides: [${patches.join(", ")}]`] : []),
  ];
  const imports = [
    `import { ${patches.length > 0 ? "app, override" : "app"} } from "landfall";`,
    ...(password ? [`import { ${identifier(password)} } from "../../secrets.ts";`] : []),
    ...[...new Set([...calls, ...after])]
      .sort()
      .map((name) => `import ${identifier(name)} from "${pathTo(name)}";`),
  ];
  return `${imports.join("\n")}

export default app("${app.name}", {
${lines.map((line) => `  ${line},\n`).join("")}});
`;
}

/** A name as TypeScript takes it; the underscore keeps clear of words of the language. */
function identifier(name: string): string {
  return name.includes("-") ? name.replace(/-(.)/g, (_, c: string) => c.toUpperCase()) : `${name}App`;
}
