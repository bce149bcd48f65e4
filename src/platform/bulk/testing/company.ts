import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadDeclaration } from "../../../model/load.ts";
import { inFolder } from "../../../util/testing/in-folder.ts";
import { companyOf } from "../proof.ts";

/** Four apps on three clusters of two environments, in YAML. */
export const yaml = `landfall: 2
company: acme
environments: { staging: {}, prod: {} }
clusters:
  s1: { type: kubernetes, context: s1, environment: staging, labels: { region: eu } }
  p1: { type: kubernetes, context: p1, environment: prod, labels: { region: eu } }
  p2: { type: kubernetes, context: p2, environment: prod, labels: { region: us } }
parts: { flux: {}, gateway-api: {}, coredns: {}, traefik: {}, metrics-server: {} }
secrets:
  token: { generate: 32 }
overlays:
  - { where: { region: us }, apps: { tier: api }, set: { scale: { min: 2 } } }
apps:
  web:
    image: ghcr.io/acme/web:1.0.0 # the shop's face
    labels: { tier: web, team: shop }
    ports: { http: 8080 }
    env: { LOG_LEVEL: info, WORKERS: 4, TOKEN: { secret: token } }
    config:
      app.json: { latencyMs: 0, cache: { ttl: 1m } }
      motd.txt: hello
    scale: { min: 1, max: 2 }
    expose: [{ host: web.localhost }]
  web-v2:
    image: ghcr.io/acme/web:2.0.0
    labels: { tier: web, team: shop }
    ports: { http: 8080 }
    "on": { clusters: [p1, p2] }
  cart:
    image: ghcr.io/acme/cart:1.1.0
    labels: { tier: api, team: shop }
    ports: { http: 8080 }
    overrides:
      - { where: { environment: prod }, set: { env: { LOG_LEVEL: warn } } }
  pay:
    image: ghcr.io/acme/pay:1.2.0
    labels: { tier: api, team: pay }
    ports: { http: 8080 }
`;

/** Run git in a folder; what it says. */
export function git(dir: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: dir, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** A repository with the files in its first commit, while `use` runs. */
export function inRepository<T>(files: Record<string, string>, use: (dir: string) => Promise<T>): Promise<T> {
  return inFolder(files, async (dir) => {
    git(dir, "init", "--quiet");
    git(dir, "config", "user.email", "tester@example.com");
    git(dir, "config", "user.name", "Tester");
    git(dir, "add", "--all");
    git(dir, "commit", "--quiet", "-m", "first");
    return use(dir);
  });
}

/** What a cluster sees of an app. */
export async function seen(dir: string, app: string, cluster: string) {
  return companyOf(await loadDeclaration(dir)).appOn(app, cluster);
}

export function read(dir: string, file: string): string {
  return readFileSync(join(dir, file), "utf8");
}
