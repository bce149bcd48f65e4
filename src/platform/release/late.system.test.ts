/** A cluster that was out of reach when a release ended, on a real API server with a real kustomize-controller. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program as landfall, run } from "../../cli/testing/landfall.ts";
import { hasApiServer } from "../../cluster/testing/api-server.ts";
import { findProgram } from "../../cluster/testing/programs.ts";
import { templateOf } from "./observe-template.ts";
import { inLiveEstate, type Servers, startServers } from "./testing/live-estate.ts";

const program = findProgram("kustomize-controller");
const patience = { timeout: 120_000, interval: 500 };
const deployments = { apiVersion: "apps/v1", kind: "Deployment" };

const company = `landfall: 2
company: acme
clusters:
  s1: { type: kubernetes, context: s1 }
  p1: { type: kubernetes, context: p1 }
parts: { flux: {} }
releases: { awayAfter: 10s }
waves:
  - { name: all, rest: true, maxUnavailable: 1 }
apps:
  web:
    image: ghcr.io/acme/web:1.0.0
    ports: { http: 8080 }
    versions:
      next: { env: { LOG_LEVEL: debug } }
`;

describe.skipIf(!hasApiServer() || !program)("a cluster that was away", { timeout: 300_000 }, () => {
  let servers: Servers;
  beforeAll(async () => {
    if (program) servers = await startServers(["s1", "p1"], program);
  }, 180_000);
  afterAll(() => servers?.stop());

  test("is said to be proven, or why not, by whoever asks afterwards", async () => {
    await inLiveEstate(servers, company, async (estate) => {
      const client = estate.clusters.p1?.client;
      const p1Serves = async () => templateOf(await client?.get(deployments, "web", "acme"));
      await expect.poll(p1Serves, patience).not.toBeUndefined();

      const kubeconfig = process.env.KUBECONFIG ?? "";
      const reachable = readFileSync(kubeconfig, "utf8");
      const server = estate.clusters.p1?.server.url ?? "";
      writeFileSync(kubeconfig, reachable.replace(server, "https://127.0.0.1:9"));

      const { LANDFALL_HOME = "", HOME = "" } = process.env;
      const release = async (...args: string[]) => {
        const env = { LANDFALL_HOME, HOME, KUBECONFIG: kubeconfig };
        const ran = await run(process.execPath, [landfall, "release", ...args], { cwd: estate.dir, env });
        expect(ran.code, ran.stderr).toBe(0);
        return ran.stdout;
      };
      await release("start", "web", "--version", "next", "--by", "ada@example.com", "--yes");
      const said = await release("history", "web");
      expect(said).toMatch(/was away, since then\n {2}! +p1 +still away: the cluster at \S+ does not answer/);

      writeFileSync(kubeconfig, reachable);
      const late = async () => JSON.parse(await release("history", "web", "--json")).late;
      await expect
        .poll(late, patience)
        .toEqual([{ name: "p1", is: "proven", text: "at the new version, proven" }]);
      expect(await release("status")).toMatch(/✔ p1 +was away; since then at the new version, proven\n/);
    });
  });
});
