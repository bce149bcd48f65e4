import { estateApps } from "./apps.ts";
import { connect } from "./calls.ts";
import { estateClusters } from "./clusters.ts";
import type { Estate, EstateSize } from "./estate.ts";
import { estateDomains } from "./teams.ts";
import { addTraits } from "./traits.ts";

/** The parts that every cluster of an estate has. */
const parts = [
  "flux",
  "gateway-api",
  "coredns",
  "local-path",
  "traefik",
  "prometheus",
  "alertmanager",
  "metrics",
  "metrics-server",
];

/** A company of any size, always the same for one size, seed and name. */
export function generateEstate(size: EstateSize, company: string): Estate {
  const { seed } = size;
  const clusters = estateClusters(size.clusters);
  const pools = [...new Set(clusters.map(({ pool }) => pool))];
  const apps = estateApps(seed, size.apps, estateDomains(seed, size.apps, pools));
  connect(seed, apps);
  const secrets = addTraits(seed, company, apps, clusters);
  const environments = new Set(clusters.map(({ environment }) => environment));
  const overlays: Estate["overlays"] = [
    { where: { environment: "dev" }, apps: { tier: "web" }, set: { scale: { min: 1, max: 1 } } },
    { where: { environment: "prod" }, apps: { tier: "api" }, set: { env: { LOG_FORMAT: "json" } } },
    { where: { tier: "edge" }, apps: { tier: "worker" }, set: { resources: { memory: "64Mi" } } },
  ];
  return {
    company,
    size,
    clusters,
    parts,
    secrets,
    overlays: overlays.filter(
      ({ where }) => where?.environment === undefined || environments.has(where.environment),
    ),
    apps,
  };
}
