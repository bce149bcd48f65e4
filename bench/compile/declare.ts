/** The work as landfall is told it: by one program, or by a YAML file an app. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AppFacts } from "../../lab/peers/app-facts.ts";
import { allApps, registry } from "./work.ts";

/** The smallest company around the apps: a cluster, Flux, and what answers the autoscalers. */
const company = {
  landfall: 2,
  company: "shop",
  registry,
  environments: { prod: {} },
  clusters: { "prod-1": { type: "kubernetes", context: "prod-1", environment: "prod" } },
  parts: { flux: {}, "metrics-server": {} },
};

/** Landfall would warn of each app that it has no disruption budget. */
const waiver = { rule: "budget", reason: "five objects an app are the work", until: "2099-12-31" };

/** Write the file of one app, as people write YAML. */
export function writeYamlApp(folder: string, app: AppFacts): void {
  const lines = [
    `image: ${registry}/${app.name}:${app.version}`,
    "ports: { http: 8080 }",
    `env: { LOG_LEVEL: ${app.logLevel} }`,
    ...(app.calls.length > 0 ? [`calls: [${app.calls.join(", ")}]`] : []),
    `scale: { min: ${app.min}, max: ${app.max} }`,
    `resources: { cpu: ${app.cpu}, memory: ${app.memory} }`,
    "adjust: { omit: [PodDisruptionBudget] }",
    `waive: [{ rule: budget, reason: ${waiver.reason}, until: "${waiver.until}" }]`,
  ];
  writeFileSync(join(folder, "apps", `${app.name}.yaml`), `${lines.join("\n")}\n`);
}

/** A folder of YAML: the company, and a file an app. */
export function declareYaml(folder: string, count: number): void {
  mkdirSync(join(folder, "apps"), { recursive: true });
  const head = JSON.stringify({ ...company, include: ["apps"] }, null, 2);
  writeFileSync(join(folder, "landfall.config.yaml"), `${head}\n`);
  for (const app of allApps(count)) writeYamlApp(folder, app);
}

/** One program with a loop. The first of `edited` apps asks for one pod more at most, for the row of one edit. */
export function declareProgram(folder: string, count: number, edited = 0): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "landfall.config.ts"), program(count, edited));
}

const program = (
  count: number,
  edited: number,
) => `import { app, company, environment, kubernetesCluster } from "landfall";
import { flux, metricsServer } from "landfall/parts";

const count = ${count};
const edited = ${edited};
const name = (i: number) => \`app-\${String(i).padStart(5, "0")}\`;
const apps: ReturnType<typeof app>[] = [];
for (let i = 0; i < count; i++) {
  const min = 2 + (i % 3);
  const callee = apps[Math.floor((i - 1) / 4)];
  apps.push(
    app(name(i), {
      image: \`${registry}/\${name(i)}:1.\${i % 40}.\${i % 7}\`,
      ports: { http: 8080 },
      env: { LOG_LEVEL: ["info", "warn", "debug"][i % 3] as string },
      ...(callee && { calls: [callee] }),
      scale: { min, max: min + 2 + (i % 5) + (i < edited ? 1 : 0) },
      resources: { cpu: ["50m", "100m", "250m"][i % 3] as string, memory: \`\${[64, 128, 256][i % 3]}Mi\` },
      adjust: { omit: ["PodDisruptionBudget"] },
      waive: [${JSON.stringify(waiver)}],
    }),
  );
}

export default company("shop", {
  landfall: 2,
  registry: "${registry}",
  clusters: [kubernetesCluster("prod-1", { context: "prod-1", environment: environment("prod") })],
  parts: [flux(), metricsServer()],
  apps,
});
`;
