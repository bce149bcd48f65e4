import type { AppSpecInput } from "../../model/app.ts";
import type { CompanySpecInput } from "../../model/company.ts";

/** What is asked of an estate. */
export interface EstateSize {
  apps: number;
  clusters: number;
  seed: number;
}

/** Layers of the call graph from the outside in; workers and jobs stand beside them and are never called. */
export const tiers = ["web", "api", "service", "store", "worker", "job"] as const;
export type Tier = (typeof tiers)[number];

export interface EstateCluster {
  name: string;
  environment: string;
  region: string;
  tier: "core" | "edge";
  /** The pool that domains are placed on. */
  pool: string;
}

/** A group of teams whose apps live on one pool of clusters. */
export interface Domain {
  name: string;
  pool: string;
  teams: string[];
}

/** An app as a row of a table: what is usual for its tier, and what it has more. */
export interface EstateApp {
  name: string;
  domain: Domain;
  /** Its team; also its namespace. */
  team: string;
  tier: Tier;
  version: string;
  region: string;
  /** The apps it calls. */
  calls: string[];
  /** The secret that its password is in. */
  password?: string;
  /** Everything else that differs from its tier. */
  more: AppSpecInput;
}

export interface Estate {
  company: string;
  size: EstateSize;
  clusters: EstateCluster[];
  /** By id. */
  parts: string[];
  /** By name; each is generated. */
  secrets: string[];
  overlays: NonNullable<CompanySpecInput["overlays"]>;
  apps: EstateApp[];
}

/** What the apps of a tier have in common. */
export const usual: Record<Tier, AppSpecInput> = {
  web: {
    ports: { http: 8080, metrics: 9464 },
    probes: { ready: { http: "/readyz" }, live: { http: "/healthz" } },
    resources: { cpu: "100m", memory: "128Mi" },
  },
  api: {
    ports: { http: 8080, metrics: 9464 },
    probes: { ready: { http: "/readyz" }, live: { http: "/healthz" } },
    resources: { cpu: "100m", memory: "96Mi" },
  },
  service: {
    ports: { grpc: 50051, metrics: 9464 },
    probes: { ready: { grpc: "grpc" } },
    resources: { cpu: "50m", memory: "64Mi" },
  },
  store: {
    ports: { redis: 6379 },
    args: ["--dir", "/tmp"],
    resources: { cpu: "50m", memory: "128Mi" },
  },
  worker: { ports: { metrics: 9464 }, resources: { cpu: "50m", memory: "96Mi" } },
  job: { ports: { metrics: 9464 }, resources: { cpu: "25m", memory: "64Mi" } },
};

/** An app as the declaration has it; `calls`, the password and overrides are told in the words of each form. */
export function plainSpec(company: string, app: EstateApp): AppSpecInput {
  const { name, team, tier, version, region, domain } = app;
  return {
    image: `ghcr.io/${company}/${name}:${version}`,
    namespace: team,
    labels: { tier, team, region },
    on: { labels: { pool: domain.pool } },
    ...usual[tier],
    ...app.more,
  };
}

/** An app as the YAML form has it. */
export function yamlSpec(company: string, app: EstateApp): AppSpecInput {
  const { env, overrides, ...rest } = plainSpec(company, app);
  const secret = app.password && { PASSWORD: { secret: app.password } };
  return {
    ...rest,
    ...((env || secret) && { env: { ...env, ...secret } }),
    ...(app.calls.length > 0 && { calls: app.calls }),
    ...(overrides && { overrides }),
  };
}
