import fc from "fast-check";
import { expect, test } from "vitest";
import type { DnsCluster, DnsRoute, DnsRules } from "./types.ts";
import { wantedNames } from "./wanted.ts";

const names = ["eu", "us", "ap", "sa"];
const hosts = ["shop.example.com", "blog.example.com", "example.com", "other.test"];
const address = (cluster: string) => `192.0.2.${names.indexOf(cluster) + 1}`;

const clusters = fc.tuple(
  ...names.map((name) =>
    fc.record({ name: fc.constant(name), weight: fc.nat({ max: 5 }), healthy: fc.boolean() }),
  ),
);
const route = fc
  .record({
    host: fc.constantFrom(...hosts),
    path: fc.constantFrom("/", "/api"),
    app: fc.constantFrom("shop/web", "shop/api", "blog/home"),
    cluster: fc.constantFrom(...names),
    since: fc.constantFrom("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
  })
  .map((one): DnsRoute => ({ ...one, addresses: [address(one.cluster)] }));
const rules = fc.constantFrom<DnsRules>(
  { zones: ["example.com"], ttl: 60, weightsZone: undefined },
  { zones: ["example.com"], ttl: 60, weightsZone: "weights.example.net" },
);

const holds = (check: (routes: DnsRoute[], all: DnsCluster[], how: DnsRules) => void) =>
  fc.assert(
    fc.property(fc.array(route, { maxLength: 12 }), clusters, rules, (routes, all, how) =>
      check(routes, all, how),
    ),
    { numRuns: 2000 },
  );

test("a failed cluster answers only where all that have the name have failed", () => {
  holds((routes, all, how) => {
    const healthy = new Map(all.map((cluster) => [cluster.name, cluster.healthy]));
    for (const { shares, failed } of wantedNames(routes, all, how).names) {
      const answering = shares.map(({ cluster }) => healthy.get(cluster));
      expect(answering.every(Boolean) || answering.every((well) => !well)).toBe(true);
      expect(answering.length).toBeGreaterThan(0);
      if (answering.includes(false)) expect(failed.length).toBeGreaterThanOrEqual(answering.length);
    }
  });
});

/** Of some routes the one that a gateway would follow. */
const oldest = (routes: DnsRoute[]) =>
  routes.toSorted((a, b) =>
    `${a.since} ${a.app} ${a.cluster}` < `${b.since} ${b.app} ${b.cluster}` ? -1 : 1,
  )[0];

test("a name leads only to clusters whose gateways lead to its holder, and the holder's oldest always answers", () => {
  holds((routes, all, how) => {
    const { names: wanted } = wantedNames(
      routes,
      all.map((one) => ({ ...one, healthy: true, weight: 1 })),
      how,
    );
    for (const host of hosts.filter((name) => name.endsWith("example.com"))) {
      const answering = wanted.find((name) => name.host === host)?.shares.map(({ cluster }) => cluster) ?? [];
      for (const path of ["/", "/api"]) {
        const claims = routes.filter((one) => one.host === host && one.path === path);
        const holder = oldest(claims);
        for (const cluster of answering) {
          const there = oldest(claims.filter((one) => one.cluster === cluster));
          expect(there?.app ?? holder?.app).toBe(holder?.app);
        }
      }
      const [only] = routes.filter((one) => one.host === host);
      const sole = routes.every((one) => one.host !== host || one.path === only?.path);
      if (only && sole)
        expect(answering).toContain(oldest(routes.filter((one) => one.host === host))?.cluster);
    }
  });
});

test("whoever does not get a name is told", () => {
  holds((routes, all, how) => {
    const { problems } = wantedNames(routes, all, how);
    for (const { host, path, app, cluster } of routes.filter((one) => one.host.endsWith("example.com"))) {
      const holder = oldest(routes.filter((one) => one.host === host && one.path === path));
      const name = path === "/" ? host : `${host}${path}`;
      const told = problems.some(({ what }) => what === `${app} on ${cluster} does not get the name ${name}`);
      expect(told).toBe(holder?.app !== app);
    }
  });
});

test("the order of what was seen changes nothing", () => {
  holds((routes, all, how) => {
    expect(
      wantedNames(routes.toReversed(), all.toReversed(), how).names.map(({ records }) => records),
    ).toEqual(wantedNames(routes, all, how).names.map(({ records }) => records));
  });
});
