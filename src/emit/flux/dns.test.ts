import { expect, test } from "vitest";
import { compiled } from "../../compile/testing/declare.ts";
import { parseDns } from "../../dns/declared.ts";
import { emitFleet } from "./index.ts";

const fleetOf = async (dns: string) =>
  emitFleet(
    await compiled({
      "landfall.config.yaml": `landfall: 2
company: acme
domain: example.com
clusters:
  eu: { type: kubernetes, context: eu, dns: { weight: 3 } }
  us: { type: kubernetes, context: us, dns: { weight: 0, addresses: [192.0.2.2], probe: "https://us.example.com/" } }
  desk: { type: local }
fleet: { url: "https://git.example.com/fleet.git" }
parts: { flux: {}, gateway-api: {}${dns} }
`,
    }),
  );

test("who answers shared names stands in the fleet, where one cluster writes for all", async () => {
  const fleet = await fleetOf(
    ", external-dns: { hub: eu, provider: pdns, server: 192.0.2.53, weights: weights.example.com, ttl: 30s }",
  );
  expect(parseDns(fleet.get("dns.json") ?? "")).toEqual({
    ...{ hub: "eu", namespace: "external-dns", zones: ["example.com"], ttl: 30 },
    weightsZone: "weights.example.com",
    owner: "acme-eu",
    server: { host: "192.0.2.53", port: 53 },
    clusters: [
      { name: "desk", weight: 1, addresses: [], httpPort: 8080 },
      { name: "eu", weight: 3, addresses: [], httpPort: 80 },
      { name: "us", weight: 0, addresses: ["192.0.2.2"], probe: "https://us.example.com/", httpPort: 80 },
    ],
  });
  expect(fleet.get("README.md")).toContain("`dns.json`");
});

test.each([
  ["each cluster writes its own names", ", external-dns: {}"],
  ["nothing writes names", ""],
])("nothing of it stands there where %s", async (_what, dns) => {
  const fleet = await fleetOf(dns);
  expect(fleet.has("dns.json")).toBe(false);
  expect(fleet.get("README.md")).not.toContain("dns.json");
});
