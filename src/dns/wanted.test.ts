import { describe, expect, it } from "vitest";
import { validateObject } from "../schema/validate.ts";
import { endpointsOf, lastSeen } from "./endpoints.ts";
import { judged } from "./health.ts";
import { addressType } from "./records.ts";
import type { DnsCluster, DnsRoute, DnsRules } from "./types.ts";
import { wantedNames } from "./wanted.ts";

const plain: DnsRules = { zones: ["example.com"], ttl: 60, weightsZone: undefined };
const lua: DnsRules = { ...plain, weightsZone: "weights.example.net" };

/** A cluster of a test, with where it is reached. */
type Member = DnsCluster & { at: string[] };

const route = (host: string, cluster: string, more: Partial<DnsRoute> = {}): DnsRoute => ({
  addresses: [],
  host,
  cluster,
  path: "/",
  app: "shop/web",
  since: "2026-01-01T00:00:00Z",
  ...more,
});
const cluster = (name: string, at: string | string[], more: Partial<DnsCluster> = {}): Member => ({
  name,
  at: [at].flat(),
  weight: 1,
  healthy: true,
  ...more,
});
const eu = cluster("eu", "192.0.2.1", { weight: 3 });
const us = cluster("us", "192.0.2.2");
const both = [route("shop.example.com", "eu"), route("shop.example.com", "us")];

const wantedOf = (routes: DnsRoute[], members: Member[], rules = plain) => {
  const at = new Map(members.map(({ name, at }) => [name, at]));
  const placed = routes.map((one) => ({ ...one, addresses: at.get(one.cluster) ?? [] }));
  return wantedNames(placed, members, rules);
};

/** The records as a zone file would have them. */
const zone = (routes: DnsRoute[], members: Member[], rules = plain) =>
  wantedOf(routes, members, rules).names.flatMap(({ records }) =>
    records.flatMap(({ name, type, ttl, targets }) => targets.map((to) => `${name} ${ttl} ${type} ${to}`)),
  );

describe("a name of one cluster", () => {
  it("has its gateway's addresses, by their family", () => {
    const addresses = ["2001:db8::1", "192.0.2.9", "192.0.2.1"];
    expect(zone([route("shop.example.com", "eu")], [cluster("eu", addresses)])).toEqual([
      "shop.example.com 60 A 192.0.2.1",
      "shop.example.com 60 A 192.0.2.9",
      "shop.example.com 60 AAAA 2001:db8::1",
    ]);
  });

  it("follows a load balancer that has a name, but at an apex, where no CNAME may be", () => {
    const elb = cluster("eu", "lb-1.elb.example.org");
    const routes = [route("shop.example.com", "eu"), route("example.com", "eu")];
    expect(zone(routes, [elb])).toEqual(["shop.example.com 60 CNAME lb-1.elb.example.org"]);
  });

  it("moves with its app, and goes with it", () => {
    expect(zone([route("shop.example.com", "us")], [eu, us])).toEqual(["shop.example.com 60 A 192.0.2.2"]);
    expect(zone([], [eu, us])).toEqual([]);
  });

  it("is left to others outside our zones", () => {
    const hosts = ["shop.example.org", "notexample.com", "shop.localhost"];
    expect(
      zone(
        hosts.map((host) => route(host, "eu")),
        [eu],
      ),
    ).toEqual([]);
  });
});

describe("a name of several clusters", () => {
  it("is shared by weight where the server can, at one name whatever the shares", () => {
    const wanted = (clusters: Member[]) => zone(both, clusters, lua);
    expect(wanted([eu, us])).toEqual([
      "shop.example.com 60 CNAME shop.example.com.weights.example.net",
      `shop.example.com.weights.example.net 60 LUA A "pickwrandom({{3,'192.0.2.1'},{1,'192.0.2.2'}})"`,
    ]);
    expect(wanted([{ ...eu, healthy: false }, us])).toEqual([
      "shop.example.com 60 CNAME shop.example.com.weights.example.net",
      `shop.example.com.weights.example.net 60 LUA A "pickwrandom({{1,'192.0.2.2'}})"`,
    ]);
  });

  it("gives a cluster its share however many addresses it has", () => {
    const two = cluster("eu", ["192.0.2.1", "192.0.2.3", "2001:db8::1"], { weight: 1 });
    const [, a, aaaa] = zone(both, [two, us], lua);
    expect(a).toContain(`{1,'192.0.2.1'},{1,'192.0.2.3'},{2,'192.0.2.2'}`);
    expect(aaaa).toContain(`AAAA "pickwrandom({{1,'2001:db8::1'}})"`);
  });

  it("goes to the heaviest elsewhere, to all that are alike, and fails over", () => {
    expect(zone(both, [eu, us])).toEqual(["shop.example.com 60 A 192.0.2.1"]);
    expect(zone(both, [{ ...eu, weight: 1 }, us])).toHaveLength(2);
    expect(zone(both, [{ ...eu, healthy: false }, us])).toEqual(["shop.example.com 60 A 192.0.2.2"]);
  });

  it("has plain records at an apex", () => {
    const apex = [route("example.com", "eu"), route("example.com", "us")];
    expect(zone(apex, [eu, us], lua)).toEqual(["example.com 60 A 192.0.2.1"]);
  });

  it("keeps a standby out until nobody else is left", () => {
    const standby = { ...us, weight: 0 };
    expect(zone(both, [eu, standby], lua).join()).not.toContain("192.0.2.2");
    expect(zone(both, [{ ...eu, healthy: false }, standby], lua).join()).toContain("{1,'192.0.2.2'}");
  });

  it("keeps all where none is healthy, and says who failed", () => {
    const down = [eu, us].map((one) => ({ ...one, healthy: false }));
    const [name] = wantedOf(both, down, lua).names;
    expect(name?.failed).toEqual(["eu", "us"]);
    expect(name?.shares).toHaveLength(2);
  });

  it("answers with addresses of one kind, the heaviest cluster's", () => {
    const named = cluster("us", "lb-1.elb.example.org");
    expect(zone(both, [eu, named], lua)[1]).toBe(
      `shop.example.com.weights.example.net 60 LUA A "pickwrandom({{3,'192.0.2.1'}})"`,
    );
  });
});

it("writes nothing into a Lua record that is not an address to the letter", () => {
  const bad = [
    "'}}) os.exit() --",
    "192.0.2.1'",
    "evil.com');f('",
    "fe80::1%eth0",
    "a b.example.org",
    "-x.example.org",
    "localhost",
  ];
  for (const address of bad) expect(addressType(address), address).toBeUndefined();
  expect(zone(both, [cluster("eu", bad), us], lua)[1]).toContain(`"pickwrandom({{1,'192.0.2.2'}})"`);
});

describe("two apps that claim one name", () => {
  const rival = route("shop.example.com", "us", { app: "blog/home", since: "2026-02-01T00:00:00Z" });
  const first = route("shop.example.com", "eu");

  it("leave it to the older, and the other is told who has it", () => {
    const { names, problems } = wantedOf([rival, first], [eu, us], plain);
    expect(names.map(({ shares }) => shares.map((share) => share.cluster))).toEqual([["eu"]]);
    expect(problems).toMatchObject([
      {
        code: "LF1014",
        what: "blog/home on us does not get the name shop.example.com",
        why: expect.stringContaining("shop/web on eu has it since 2026-01-01"),
      },
    ]);
  });

  it("do not decide it by who is healthy or comes first in a list", () => {
    const down = [{ ...eu, healthy: false }, us];
    for (const routes of [
      [first, rival],
      [rival, first],
    ])
      expect(wantedOf(routes, down, plain).names[0]?.shares).toMatchObject([{ cluster: "eu" }]);
  });

  it("may share it by paths", () => {
    const api = [route("shop.example.com", "eu", { path: "/api", app: "shop/api" })];
    const { names, problems } = wantedOf([...both, ...api], [eu, us], plain);
    expect(problems).toEqual([]);
    expect(names[0]?.shares).toHaveLength(2);
  });

  it("do not take the name off a cluster where the holder's gateway route is the older", () => {
    const beside = { ...rival, cluster: "eu" };
    const { names, problems } = wantedOf([first, beside], [eu, us], plain);
    expect(names[0]?.shares).toMatchObject([{ cluster: "eu" }]);
    expect(problems).toHaveLength(1);
    const older = route("shop.example.com", "us", { since: "2025-01-01T00:00:00Z" });
    const younger = { ...first, since: "2026-03-01T00:00:00Z" };
    expect(wantedOf([younger, beside, older], [eu, us], plain).names[0]?.shares).toMatchObject([
      { cluster: "us" },
    ]);
  });

  it("pass it on when the holder leaves", () => {
    expect(zone([rival], [eu, us])).toEqual(["shop.example.com 60 A 192.0.2.2"]);
  });
});

it("changes the verdict on a cluster after two probes that agree", () => {
  const verdicts = (...answers: boolean[]) => {
    let health: ReturnType<typeof judged> | undefined;
    return answers.map((answered) => {
      health = judged(health, answered);
      return health.healthy;
    });
  };
  expect(verdicts(true, false, true, false, false, true, true)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    true,
  ]);
  expect(verdicts(false, true, true)).toEqual([false, false, true]);
});

describe("DNSEndpoints", () => {
  const at = { namespace: "external-dns", company: "acme" };
  const hosts = [
    ...both,
    route("*.example.com", "eu"),
    route("blog.example.com", "us", { app: "blog/home" }),
  ];
  const objects = endpointsOf(wantedOf(hosts, [eu, us], lua).names, at);

  it("pass their schema, each with a name of its own, Lua records apart", () => {
    for (const object of objects) expect(validateObject(object, { kubernetes: "1.36" })).toEqual([]);
    expect(objects.map(({ metadata }) => metadata.name)).toEqual([
      "example.com.wildcard",
      "example.com.wildcard.weights",
      "blog.example.com",
      "blog.example.com.weights",
      "shop.example.com",
      "shop.example.com.weights",
    ]);
  });

  it("remember what each cluster was last seen with", () => {
    const seen = lastSeen(objects);
    expect(seen.get("eu")?.[0]?.addresses).toEqual(["192.0.2.1"]);
    expect(
      seen
        .get("us")
        ?.map(({ host }) => host)
        .sort(),
    ).toEqual(["blog.example.com", "shop.example.com"]);
    const garbled = objects.map((object) => ({
      ...object,
      metadata: { ...object.metadata, annotations: { "landfall.dev/seen": "{" } },
    }));
    expect(lastSeen(garbled).size).toBe(0);
  });
});
