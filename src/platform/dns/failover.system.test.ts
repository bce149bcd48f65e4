import { describe, expect, it } from "vitest";
import { startBind } from "./testing/servers.ts";
import { hasDnsPrograms, ttl, useFleet } from "./testing/use-fleet.ts";

const eu = "127.77.0.11";
const us = "127.77.0.12";
const patience = { timeout: 60_000, interval: 100 };

/** BIND by dynamic updates, where no record has a weight: the heaviest cluster that is well answers. */
describe.skipIf(!hasDnsPrograms())("names of two clusters on BIND", { timeout: 300_000 }, () => {
  const fleet = useFleet(() => startBind("example.test", ["legacy 60 A 198.51.100.7"]), {});
  const answers = (host: string) => expect.poll(() => fleet.dns.ask(`${host}.example.test`), patience);
  const record = (host: string, address: string) => `${host}.example.test. ${ttl} A ${address}`;

  it("come with an app's route, signed by their owner", async () => {
    await fleet.us.expose("web", "web.example.test");
    await answers("web").toEqual([record("web", us)]);
    const [txt] = await fleet.dns.ask("a-web.example.test", "TXT");
    expect(txt).toContain("external-dns/owner=acme-here");
  });

  it("move with it to another cluster, and to another name", async () => {
    await fleet.us.withdraw("web");
    await fleet.eu.expose("web", "web.example.test");
    await answers("web").toEqual([record("web", eu)]);
    await fleet.eu.expose("web", "shop.example.test");
    await answers("shop").toEqual([record("shop", eu)]);
    await answers("web").toEqual([]);
  });

  it("go with it, their signature too", async () => {
    await fleet.eu.withdraw("web");
    await answers("shop").toEqual([]);
    expect(await fleet.dns.ask("a-shop.example.test", "TXT")).toEqual([]);
    const left = await fleet.eu.client.list(
      { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint" },
      { namespace: "external-dns" },
    );
    expect(left).toEqual([]);
  });

  it("that somebody else owns are never touched, and it is told", async () => {
    await fleet.eu.expose("intruder", "legacy.example.test");
    await expect
      .poll(() => fleet.last()?.problems, patience)
      .toMatchObject([
        {
          code: "LF6004",
          what: "legacy.example.test is somebody else's record, so it is left as it is",
          why: "nobody signed it",
        },
      ]);
    // external-dns has looked at everything once more.
    await new Promise((done) => setTimeout(done, 5000));
    expect(await fleet.dns.ask("legacy.example.test")).toEqual(["legacy.example.test. 60 A 198.51.100.7"]);
    await fleet.eu.withdraw("intruder");
    await expect.poll(() => fleet.last()?.names, patience).toEqual([]);
    await new Promise((done) => setTimeout(done, 5000));
    expect(await fleet.dns.ask("legacy.example.test")).toEqual(["legacy.example.test. 60 A 198.51.100.7"]);
  });

  it("that two apps claim are the earlier one's, and the loser is told", async () => {
    await fleet.us.expose("first", "claimed.example.test");
    await answers("claimed").toEqual([record("claimed", us)]);
    // Creation times are whole seconds.
    await new Promise((done) => setTimeout(done, 1100));
    await fleet.eu.expose("second", "claimed.example.test");
    await expect
      .poll(() => fleet.last()?.problems, patience)
      .toMatchObject([
        {
          code: "LF1014",
          what: "acme/second on eu does not get the name claimed.example.test",
          why: expect.stringContaining("acme/first on us has it"),
        },
      ]);
    expect(await fleet.dns.ask("claimed.example.test")).toEqual([record("claimed", us)]);
    await fleet.us.withdraw("first");
    await answers("claimed").toEqual([record("claimed", eu)]);
    await fleet.eu.withdraw("second");
  });

  it("fail over, and come back", async () => {
    for (const cluster of [fleet.eu, fleet.us]) await cluster.expose("ha", "ha.example.test");
    await answers("ha").toEqual([record("ha", eu)]);
    await fleet.eu.gateway.kill();
    const killed = performance.now();
    await answers("ha").toEqual([record("ha", us)]);
    expect(performance.now() - killed).toBeLessThan(ttl * 1000);
    await fleet.eu.gateway.start();
    await answers("ha").toEqual([record("ha", eu)]);
  });

  it("stay where a cluster's API is silent and its gateway answers, and leave when both are gone", async () => {
    await fleet.us.expose("calm", "calm.example.test");
    await answers("calm").toEqual([record("calm", us)]);
    await fleet.us.server.kill();
    await expect.poll(() => fleet.last()?.unseen.map(({ cluster }) => cluster), patience).toEqual(["us"]);
    await new Promise((done) => setTimeout(done, 3000));
    expect(await fleet.dns.ask("calm.example.test")).toEqual([record("calm", us)]);
    await fleet.eu.gateway.kill();
    await answers("ha").toEqual([record("ha", us)]);
    await fleet.eu.gateway.start();
    await answers("ha").toEqual([record("ha", eu)]);
    await fleet.us.gateway.kill();
    await expect
      .poll(() => fleet.last()?.clusters, patience)
      .toMatchObject([{ healthy: true }, { healthy: false }]);
    // Nobody else has this app, so its last answer stays.
    expect(await fleet.dns.ask("calm.example.test")).toEqual([record("calm", us)]);
    await fleet.us.server.restart();
    await fleet.us.gateway.start();
    await expect.poll(() => fleet.last()?.unseen, patience).toEqual([]);
  });
});
