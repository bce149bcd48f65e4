import { describe, expect, test } from "vitest";
import { compiled, problemsIn, yaml } from "./testing/declare.ts";

const app = (name: string, clusters: string, expose: string) =>
  `  ${name}: { image: "x:1", ports: { http: 80 }, on: { clusters: ${clusters} }, expose: [${expose}] }\n`;
const root = (dns: string) =>
  `domain: example.com
clusters: { eu: { type: kubernetes, context: eu, dns: { weight: 3 } }, us: { type: kubernetes, context: us } }
parts: { flux: {}, gateway-api: {}, traefik: {}, external-dns: { ${dns} } }
fleet: { url: "https://git.example.com/shop/fleet.git" }`;
const problems = (apps: string, dns: string) => problemsIn({ "landfall.config.yaml": yaml(apps, root(dns)) });
const shop = "{ host: shop.example.com }";

describe("names in DNS", () => {
  test("may be shared by clusters when one of them writes all records", async () => {
    const text = yaml(app("web", "[eu, us]", shop), root("hub: eu, ttl: 5s"));
    const plan = await compiled({ "landfall.config.yaml": text });
    expect(plan.clusters.map(({ dnsZone }) => dnsZone?.hub)).toEqual(["eu", "eu"]);
    expect(plan.clusters[0]?.spec.dns.weight).toBe(3);
    const written = plan.clusters.map(({ bundles }) =>
      bundles
        .filter(({ name }) => name === "part-external-dns")
        .flatMap(({ objects }) => objects.map(({ kind }) => kind)),
    );
    expect(written[0]).toContain("Deployment");
    expect(written[1]).toEqual([]);
  });

  test("are refused when each cluster would write its own", async () => {
    expect(await problems(app("web", "[eu, us]", shop), "ttl: 5s")).toMatchObject([
      {
        code: "LF1016",
        what: "shop.example.com is on eu and on us, and nothing shares it out",
        fix: expect.stringContaining("hub: eu"),
        where: { line: 10 },
      },
    ]);
    expect(await problems(app("web", "[eu]", shop), "ttl: 5s")).toEqual([]);
  });

  test("belong to one app over all clusters, path by path", async () => {
    const two = (path: string) =>
      app("web", "[eu]", shop) + app("two", "[us]", `{ host: shop.example.com, path: ${path} }`);
    expect(await problems(two("/"), "hub: eu")).toMatchObject([
      {
        code: "LF1014",
        what: "web and two both answer at shop.example.com/",
        fix: expect.stringContaining("host or path"),
      },
    ]);
    expect(await problems(two("/two"), "hub: eu")).toEqual([]);
  });

  test("outside our zones are nobody's concern", async () => {
    const errors = await problems(app("web", "[eu, us]", "{ host: shop.example.org }"), "ttl: 5s");
    expect(errors.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("have a hub that is there", async () => {
    expect(await problems(app("web", "[eu]", shop), "hub: eup")).toMatchObject([
      { code: "LF1006", what: "there is no cluster named eup", fix: "did you mean eu?", where: { line: 7 } },
    ]);
  });
});
