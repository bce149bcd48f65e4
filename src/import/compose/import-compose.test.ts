import { describe, expect, it } from "vitest";
import { options, rendered } from "../testing/faithful.ts";
import { writeTypeScript } from "../write-ts.ts";
import { writeYaml } from "../write-yaml.ts";
import { type ComposeSource, importCompose } from "./import-compose.ts";
import { interpolate, parseEnvFile, splitCommand } from "./interpolate.ts";

const source = (content: string, files: Record<string, string> = {}): ComposeSource => ({
  file: "compose.yaml",
  content,
  env: parseEnvFile(files[".env"] ?? ""),
  read: (path) => files[path],
  sourceOf: (context) => (context === "./web" ? "web" : undefined),
});

const shop = `
x-common: &common
  restart: unless-stopped
  logging: {driver: json-file}
services:
  web:
    <<: *common
    build: ./web
    ports: ["8080:3000", {target: 9464, published: 9464}]
    environment:
      - REDIS_URL=redis://cache:6379/0
      - DATABASE_URL=postgres://app:\${DB_PASSWORD}@db:5432/app
      - LEVEL=\${LEVEL:-info}
      - PRICE=$$5
    env_file: web.env
    depends_on: {db: {condition: service_healthy}, cache: {condition: service_started}}
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:3000/healthz"]
      interval: 1m30s
      timeout: 3s
      retries: 5
    deploy: {replicas: 3, resources: {limits: {cpus: "0.50", memory: 512M}, reservations: {cpus: "0.25", memory: 128M}}}
    networks: [front]
  db:
    image: postgres:17
    entrypoint: docker-entrypoint.sh
    command: postgres -c 'max_connections=200'
    environment: {POSTGRES_PASSWORD: "\${DB_PASSWORD}", POSTGRES_DB: app, DEBUG: yes, PORT: 5432}
    volumes: ["data:/var/lib/postgresql/data", "./init:/docker-entrypoint-initdb.d:ro"]
    healthcheck: {test: "pg_isready -U app", start_period: 10s}
    user: "999:999"
  cache:
    image: redis:7.4
    tmpfs: /run
    working_dir: /data
volumes: {data: {}}
networks: {front: {}}
`;

describe("a Compose file", () => {
  const imported = importCompose(
    source(shop, { ".env": "DB_PASSWORD=s3cret\n", "web.env": "FROM_FILE='a b' # c\n" }),
    options,
  );
  const { web, db, cache } = imported.tree.apps;

  it("gives an app a service: image or source, command, environment, ports, scale, resources", () => {
    expect(imported.outcomes.map(({ object, as, app }) => [object, as, app])).toEqual([
      ["service web", "folded", "web"],
      ["service db", "folded", "db"],
      ["service cache", "folded", "cache"],
    ]);
    expect(web).toMatchObject({
      source: "web",
      ports: { http: 3000, "tcp-9464": 9464 },
      env: {
        REDIS_URL: "redis://cache:6379/0",
        DATABASE_URL: { secret: "web-database-url" },
        LEVEL: "info",
        PRICE: "$5",
        FROM_FILE: "a b",
      },
      scale: { min: 3 },
      resources: { cpu: "0.25", memory: "128Mi", memoryLimit: "512Mi" },
      probes: { ready: { http: "/healthz", port: "http" } },
      after: ["db", "cache"],
      calls: ["db", "cache"],
    });
    expect(db).toMatchObject({
      image: "postgres:17",
      command: ["docker-entrypoint.sh"],
      args: ["postgres", "-c", "max_connections=200"],
      // YAML 1.2, as Compose reads it.
      env: { POSTGRES_PASSWORD: { secret: "db-postgres-password" }, DEBUG: "yes", PORT: "5432" },
      volumes: { data: { path: "/var/lib/postgresql/data", size: "1Gi" } },
    });
  });

  it("writes no secret's value, and says how to set it", () => {
    expect(imported.tree.secrets).toEqual({ "web-database-url": {}, "db-postgres-password": {} });
    for (const text of [writeTypeScript(imported.tree, []), writeYaml(imported.tree, [])])
      expect(text).not.toContain("s3cret");
    expect(imported.notes.join("\n")).toContain("landfall secret set db-postgres-password");
  });

  it("finds the ports of services that only others name", () => {
    expect(db?.ports).toEqual({ "tcp-5432": 5432 });
    expect(cache?.ports).toEqual({ "tcp-6379": 6379 });
  });

  it("lets containers go on as they ran, with commands as probes", () => {
    const pods = rendered(imported).filter(({ kind }) => kind === "StatefulSet" || kind === "Deployment");
    const pod = (name: string) => {
      const { spec } = pods.find(({ metadata }) => metadata.name === name) as never as {
        spec: { template: { spec: Pod } };
      };
      return spec.template.spec;
    };
    expect(pod("web").securityContext).toBeUndefined();
    expect(pod("web").containers[0]).toMatchObject({
      readinessProbe: {
        httpGet: { path: "/healthz", port: "http" },
        periodSeconds: 90,
        timeoutSeconds: 3,
        failureThreshold: 5,
      },
    });
    expect(pod("db").containers[0]).toMatchObject({
      readinessProbe: { exec: { command: ["/bin/sh", "-c", "pg_isready -U app"] }, initialDelaySeconds: 10 },
      securityContext: { runAsUser: 999, runAsGroup: 999 },
    });
    expect(pod("db").containers[0]?.readinessProbe).not.toHaveProperty("tcpSocket");
    expect(pod("cache").containers[0]).toMatchObject({ workingDir: "/data" });
    expect(rendered(imported).some(({ kind }) => kind === "NetworkPolicy")).toBe(false);
    expect(web?.waive?.map(({ rule, until }) => [rule, until])).toContainEqual(["isolation", "2027-02-19"]);
  });

  it("says what does not fit, and drops nothing silently", () => {
    const notes = imported.notes.join("\n");
    for (const words of [
      "web: logging: logs go to",
      "web: networks: every app has one network",
      "web: ports: 8080 was open on the machine",
      "db: volumes: ./init is a folder of the machine",
      "db: volumes: data had no size",
    ])
      expect(notes).toContain(words);
  });

  it("hardened, it keeps landfall's own settings", () => {
    const { tree } = importCompose(source(shop), { ...options, harden: true });
    const web = rendered({ tree }).find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.name === "web",
    );
    expect(web).toMatchObject({ spec: { template: { spec: { securityContext: { runAsNonRoot: true } } } } });
    expect(rendered({ tree }).filter(({ kind }) => kind === "NetworkPolicy")).toHaveLength(3);
  });

  it.each([false, true])("pods mount what they have, each place once (hardened: %s)", (harden) => {
    const content = `
services:
  plain: { image: a:1 }
  scratch: { image: a:1, tmpfs: /tmp }
  named: { image: a:1, volumes: ["tmp:/tmp", "config:/config"], environment: { A: b } }
`;
    const objects = rendered(importCompose(source(content), { ...options, harden }));
    const workloads = objects.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
    expect(workloads).toHaveLength(3);
    for (const { metadata, spec } of workloads as unknown as Workload[]) {
      const { containers, volumes = [] } = spec.template.spec;
      const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
      const claims = spec.volumeClaimTemplates?.map((claim) => claim.metadata.name) ?? [];
      const there = [...volumes.map(({ name }) => name), ...claims];
      expect(mounts.map(({ name }) => name).sort(), metadata.name).toEqual(there.sort());
      expect(new Set(mounts.map(({ mountPath }) => mountPath)).size, metadata.name).toBe(mounts.length);
    }
  });

  it("tells of variables without a value and of names no app may have", () => {
    const { notes, tree } = importCompose(source(`services: {my_db: {image: "a:\${TAG}"}}`), options);
    expect(Object.keys(tree.apps)).toEqual(["my-db"]);
    expect(notes.join("\n")).toMatch(/\$\{TAG\} has no value(.|\n)*my_db is no name of an app/);
  });

  it("is refused without services", () => {
    expect(() => importCompose(source("a: 1"), options)).toThrow(/LF1023 compose.yaml has no services/);
  });
});

interface Pod {
  securityContext?: object;
  containers: { readinessProbe?: object; volumeMounts?: { name: string; mountPath: string }[] }[];
  volumes?: { name: string }[];
}

interface Workload {
  metadata: { name: string };
  spec: { template: { spec: Pod }; volumeClaimTemplates?: { metadata: { name: string } }[] };
}

it.each([
  ["$A @{A} $$A", "1 1 $A"],
  ["@{B:-x} @{B-x} @{E:-x} @{E-x}", "x x x "],
  ["@{A:+y} @{B:+y} @{E+y}", "y  y"],
  ["@{B:-@{A}}", "1"],
  ["@{A:?must} $", "1 $"],
])("interpolates %s, where @ is a dollar", (text, result) => {
  expect(interpolate(text.replaceAll("@", "$"), { A: "1", E: "" }, () => undefined)).toBe(result);
});

it.each([
  ["a b  c", ["a", "b", "c"]],
  [`sh -c "echo \\"hi\\" 'x'"`, ["sh", "-c", `echo "hi" 'x'`]],
  ["a\\ b 'c d'e", ["a b", "c de"]],
])("splits %s as a shell does", (text, words) => {
  expect(splitCommand(text)).toEqual(words);
});
