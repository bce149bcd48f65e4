import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasApiServer } from "../../cluster/testing/api-server.ts";
import { useApiServer } from "../../cluster/testing/use-api-server.ts";
import { dnsEndpoint } from "../../dns/endpoints.ts";
import { crdBundle } from "../../schema/pack.ts";
import { inFolder } from "../../util/testing/in-folder.ts";

const exec = promisify(execFile);
const main = join(import.meta.dirname, "../../cli/main.ts");
const namespace = "external-dns";

const declaration = `landfall: 2
company: acme
domain: example.test
clusters:
  eu: { type: kubernetes, context: eu, dns: { addresses: [192.0.2.1], probe: "PROBE" } }
  us: { type: kubernetes, context: us, dns: { addresses: [192.0.2.2], probe: "http://127.0.0.1:9/" } }
fleet: { url: "https://git.example.com/acme/fleet.git" }
parts:
  flux: {}
  gateway-api: {}
  traefik: {}
  external-dns: { hub: eu, server: 127.0.0.1, port: 9 }
apps:
  web: { image: "web:1", ports: { http: 8080 }, expose: [{ host: web.example.test }] }
`;

/** An HTTPRoute that a gateway has taken, as its status says it. */
const route = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "web", namespace: "acme", labels: { "landfall.dev/app": "web" } },
  spec: { parentRefs: [{ name: "edge" }], hostnames: ["web.example.test"], rules: [{}] },
};
const taken = {
  parents: [
    {
      parentRef: { name: "edge" },
      controllerName: "example.com/edge",
      conditions: [
        {
          type: "Accepted",
          status: "True",
          reason: "Accepted",
          message: "",
          lastTransitionTime: "2026-01-01T00:00:00Z",
        },
      ],
    },
  ],
};

describe.skipIf(!hasApiServer())("the owner of DNS", { timeout: 300_000 }, () => {
  const api = useApiServer();
  const well = createServer((_, answer) => answer.end("well"));
  beforeAll(() => new Promise<void>((done) => well.listen(0, "127.0.0.1", done)));
  afterAll(() => new Promise((done) => well.close(done)));
  const until = (work: () => Promise<unknown>) =>
    expect
      .poll(
        () =>
          work().then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true);

  /** Run the command with both contexts: `eu` is the API server, `us` is nowhere. */
  const landfallDns = async (...args: string[]) =>
    inFolder(
      {
        "landfall.config.yaml": declaration.replace(
          "PROBE",
          `http://127.0.0.1:${(well.address() as AddressInfo).port}/`,
        ),
      },
      async (folder) => {
        const config = JSON.parse(readFileSync(api.server.kubeconfig, "utf8")) as Record<string, object[]>;
        config.clusters?.push({ name: "away", cluster: { server: "https://127.0.0.1:9" } });
        config.contexts = [
          { name: "eu", context: { cluster: "test", user: "admin" } },
          { name: "us", context: { cluster: "away", user: "admin" } },
        ];
        writeFileSync(join(folder, "kubeconfig"), JSON.stringify(config));
        const env = {
          ...process.env,
          KUBECONFIG: join(folder, "kubeconfig"),
          NODE_TLS_REJECT_UNAUTHORIZED: "0",
        };
        const { stdout } = await exec("node", ["--no-warnings", main, "dns", folder, "--json", ...args], {
          env,
        });
        return JSON.parse(stdout) as {
          names: { host: string; failed: string[] }[];
          unseen: { cluster: string }[];
        };
      },
    );

  it("reads routes by `landfall dns`, and writes DNSEndpoints only when told", async () => {
    for (const crd of [...crdBundle("gateway-api"), ...crdBundle("external-dns")])
      await api.client.apply(crd);
    for (const name of ["acme", namespace])
      await api.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await until(() => api.client.apply(route));
    await api.client.applyStatus({ ...route, status: taken } as never);
    await until(() => api.client.list(dnsEndpoint));
    const report = await landfallDns();
    expect(report.names).toMatchObject([
      { host: "web.example.test", failed: [], shares: [{ cluster: "eu" }] },
    ]);
    expect(report.unseen.map(({ cluster }) => cluster)).toEqual(["us"]);
    expect(await api.client.list(dnsEndpoint, { namespace })).toEqual([]);
    await landfallDns("--apply");
    const [written] = await api.client.list(dnsEndpoint, { namespace });
    expect(written).toMatchObject({
      metadata: { name: "web.example.test", labels: { "landfall.dev/dns": "acme" } },
      spec: {
        endpoints: [{ dnsName: "web.example.test", recordType: "A", recordTTL: 60, targets: ["192.0.2.1"] }],
      },
    });
  });

  it("leaves what it has not made, and removes what is not wanted any more", async () => {
    const foreign = { ...dnsEndpoint, metadata: { name: "by-hand", namespace }, spec: { endpoints: [] } };
    await api.client.apply(foreign);
    await api.client.remove(route, "web", "acme");
    await landfallDns("--apply");
    const left = await api.client.list(dnsEndpoint, { namespace });
    expect(left.map(({ metadata }) => metadata.name)).toEqual(["by-hand"]);
  });
});
