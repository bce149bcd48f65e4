import type { AppSpecInput } from "../../model/app.ts";
import { platform } from "./apps.ts";
import { placementsOf } from "./clusters.ts";
import type { EstateApp, EstateCluster } from "./estate.ts";
import { type Random, random } from "./random.ts";

type Patch = NonNullable<AppSpecInput["overrides"]>[number];

/** Give apps what makes them differ. Each trait has numbers of its own, so that one can change alone. */
export function addTraits(
  seed: number,
  company: string,
  apps: EstateApp[],
  clusters: EstateCluster[],
): string[] {
  const topic = (name: string) => random(seed, name);
  scale(topic("scale"), apps);
  narrow(topic("placements"), apps, clusters);
  volumes(topic("volumes"), apps);
  hosts(topic("hosts"), company, apps);
  promises(topic("slo"), apps);
  configs(topic("config"), apps);
  overrides(topic("overrides"), apps, new Set(clusters.map(({ environment }) => environment)));
  return secrets(topic("secrets"), apps);
}

const share = (list: readonly unknown[], percent: number) => Math.round((list.length * percent) / 100);

/** Half of what serves scales by itself. */
function scale({ sample, int }: Random, apps: EstateApp[]): void {
  const serving = apps.filter(({ tier }) => tier === "web" || tier === "api" || tier === "service");
  for (const app of sample(serving, share(serving, 50))) {
    const min = 1 + int(3);
    app.more.scale = { min, max: min + 1 + int(6) };
  }
}

/** Only what nobody calls may run on fewer clusters than its pool has, and only a count of them. */
function narrow(
  { chance, pick, sample }: Random,
  apps: EstateApp[],
  clusters: readonly EstateCluster[],
): void {
  const inPool = Map.groupBy(clusters, ({ pool }) => pool);
  const regionsIn = new Map([...inPool].map(([pool, of]) => [pool, [...new Set(of.map((c) => c.region))]]));
  const outer = apps.filter(({ tier }) => tier === "web");
  for (const app of sample(outer, share(outer, 20))) {
    const { pool } = app.domain;
    app.region = pick(regionsIn.get(pool) ?? []);
    app.more.on = { labels: { pool, region: app.region } };
  }
  for (const app of apps) {
    const { pool } = app.domain;
    if (app.tier === "worker" && chance(0.5)) {
      app.more.on = { labels: { pool }, count: Math.ceil((inPool.get(pool)?.length ?? 1) / 3) };
    }
    if (app.tier === "job") {
      app.more.on = { labels: { tier: "core" }, count: placementsOf(clusters.length) };
    }
  }
}

/** 5 % of all apps keep data on a volume: stores, a fourth of them in PostgreSQL; what is left over are scratch disks. */
function volumes({ sample, pick }: Random, apps: EstateApp[]): void {
  const wanted = share(apps, 5);
  const stores = apps.filter(({ tier }) => tier === "store");
  const keeping = sample(stores, Math.min(wanted, stores.length));
  for (const app of stores) {
    app.version = "7.0.15";
    app.more.image = "docker.io/library/redis:7.0.15";
  }
  for (const app of keeping) {
    app.more.volumes = { data: { path: "/data", size: pick(["1Gi", "5Gi", "10Gi", "50Gi"]) } };
    app.more.args = ["--dir", "/data", "--appendonly", "yes"];
  }
  const kept = new Set(keeping.map(({ name }) => name));
  for (const app of apps) {
    const store = app.calls.find((callee) => kept.has(callee));
    if (store && app.tier === "service") app.more.after = [store];
  }
}

/** Every web app has a host name of its own; some have several, some serve a path of a host that they share. */
function hosts({ chance, pick }: Random, company: string, apps: EstateApp[]): void {
  for (const app of apps) {
    const host = (name: string) => `${name}.${company}.example.com`;
    if (app.tier === "web") {
      app.more.expose = [
        { host: host(app.name) },
        ...(chance(0.3) ? [{ host: host(`${app.name}.partners`) }] : []),
        ...(chance(0.3) ? [{ host: host("www"), path: `/${app.name}` }] : []),
      ];
    }
    if (app.tier === "api" && chance(0.1)) app.more.expose = [{ host: host("api"), path: `/${app.name}` }];
    if (app.tier !== "store" && chance(0.05)) {
      app.more.reaches = [{ to: pick(["internet", "203.0.113.0/24", "198.51.100.0/24"]), ports: [443] }];
    }
  }
}

function promises({ sample, pick }: Random, apps: EstateApp[]): void {
  for (const [tier, percent] of [
    ["web", 50],
    ["api", 25],
    ["service", 5],
  ] as const) {
    const of = apps.filter((app) => app.tier === tier);
    for (const app of sample(of, share(of, percent))) {
      app.more.slo = {
        availability: pick([99, 99.5, 99.9, 99.95]),
        latency: pick(["100ms", "250ms", "500ms", "1s"]),
      };
    }
  }
}

function configs({ sample, int, pick, chance }: Random, apps: EstateApp[]): void {
  const own = apps.filter(({ tier }) => tier !== "store");
  for (const app of sample(own, share(own, 15))) {
    app.more.config = {
      "app.json": {
        timeoutMs: 100 * (1 + int(20)),
        retries: int(4),
        cache: { ttl: pick(["10s", "1m", "1h"]) },
      },
      ...(chance(0.3) && { "features.json": { beta: chance(0.5), share: int(100) } }),
    };
  }
  for (const app of sample(own, share(own, 40))) {
    app.more.env = { LOG_LEVEL: pick(["info", "warn"]), WORKERS: 1 + int(8) };
  }
}

/** One app of five differs somewhere: between environments, regions or tiers of clusters. */
function overrides(
  { sample, pick, int, chance }: Random,
  apps: EstateApp[],
  environments: Set<string>,
): void {
  for (const app of sample(apps, share(apps, 20))) {
    const { scale: { max = 1 } = {}, volumes: kept } = app.more;
    const menu: Patch[] = [
      kept || max === 1
        ? { where: { environment: "prod" }, set: { resources: { cpu: "200m", memory: "256Mi" } } }
        : { where: { environment: "prod" }, set: { scale: { min: 3, max: max + 3 + int(6) } } },
      { where: { environment: "dev" }, set: { env: { LOG_LEVEL: "debug" } } },
      { where: { environment: "staging" }, set: { env: { SHADOW: chance(0.5) } } },
      { where: { region: pick(["eu", "us", "ap"]) }, set: { env: { REGIONAL: "yes" } } },
      { where: { tier: "edge" }, set: { resources: { cpu: "25m", memory: "48Mi" } } },
      { where: { environment: "prod", region: "eu" }, set: { env: { RETENTION: pick(["30d", "90d"]) } } },
    ];
    const possible = menu.filter(
      ({ where: { environment } }) => environment === undefined || environments.has(environment),
    );
    app.more.overrides = sample(possible, 1 + int(3));
  }
}

/** A few secrets, each shared by services of one domain. Returns their names. */
function secrets({ sample }: Random, apps: EstateApp[]): string[] {
  const calling = Map.groupBy(
    apps.filter(({ tier, domain }) => tier === "service" && domain !== platform),
    ({ domain }) => domain.name,
  );
  const domains = [...calling.keys()];
  const chosen = sample(domains, Math.min(12, Math.ceil(domains.length / 10)));
  for (const domain of chosen) {
    for (const app of calling.get(domain)?.slice(0, 5) ?? []) app.password = `${domain}-password`;
  }
  return chosen.map((domain) => `${domain}-password`);
}
