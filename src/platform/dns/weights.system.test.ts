import { describe, expect, it } from "vitest";
import { startPowerDns } from "./testing/servers.ts";
import { hasDnsPrograms, ttl, useFleet } from "./testing/use-fleet.ts";

const eu = "127.77.0.11";
const us = "127.77.0.12";
const weights = "weights.example.test";
const patience = { timeout: 60_000, interval: 100 };
const asked = 800;

/** PowerDNS, whose Lua records share a name by weight; `eu` has 3, `us` has 1. */
describe.skipIf(!hasDnsPrograms())("names of two clusters on PowerDNS", { timeout: 300_000 }, () => {
  const fleet = useFleet(() => startPowerDns(["example.test", weights]), { provider: "pdns", weights });
  const clusters = () => [fleet.eu, fleet.us];
  const countOf = async () => await fleet.dns.count("shop.example.test", asked);

  it("are shared by weight", async () => {
    for (const cluster of clusters()) await cluster.expose("shop", "shop.example.test");
    await expect.poll(async () => Object.keys(await countOf()), patience).toEqual([eu, us]);
    const counted = await countOf();
    // 600 of 800 are expected; five standard deviations are 61.
    expect(counted[eu]).toBeGreaterThan(539);
    expect(counted[eu]).toBeLessThan(661);
    expect((counted[eu] ?? 0) + (counted[us] ?? 0)).toBe(asked);
    for (const line of await fleet.dns.ask("shop.example.test")) expect(line).toContain(`. ${ttl} `);
  });

  it("lose a failed cluster within their TTL, and get it back", async () => {
    await fleet.eu.gateway.kill();
    const killed = performance.now();
    await expect.poll(countOf, patience).toEqual({ [us]: asked });
    const took = performance.now() - killed;
    expect(took).toBeLessThan(ttl * 1000);
    if (process.env.LANDFALL_TEST_FIGURES)
      process.stderr.write(`a failed cluster left the answer after ${Math.round(took)} ms\n`);
    for (let looks = 0; looks < 5; looks++) expect(await countOf()).toEqual({ [us]: asked });
    await fleet.eu.gateway.start();
    await expect.poll(async () => Object.keys(await countOf()), patience).toEqual([eu, us]);
  });

  it("keep all clusters where all have failed", async () => {
    for (const cluster of clusters()) await cluster.gateway.kill();
    await expect
      .poll(() => fleet.last()?.clusters.map(({ healthy }) => healthy), patience)
      .toEqual([false, false]);
    await new Promise((done) => setTimeout(done, 3000));
    expect(Object.keys(await countOf())).toEqual([eu, us]);
    for (const cluster of clusters()) await cluster.gateway.start();
    await expect
      .poll(() => fleet.last()?.clusters.map(({ healthy }) => healthy), patience)
      .toEqual([true, true]);
  });

  it("become weighted where they had addresses, without holding up any other", async () => {
    const kind = { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint" };
    const labels = { "landfall.dev/dns": "acme", "landfall.dev/records": "names" };
    const metadata = { name: "old.example.test", namespace: "external-dns", labels };
    const endpoint = { dnsName: "old.example.test", recordType: "A", recordTTL: ttl, targets: [us] };
    const plain = { ...kind, metadata, spec: { endpoints: [endpoint] } };
    // As rounds of a declaration without a zone for weights left it.
    await fleet.pause(async () => {
      await fleet.eu.client.apply(plain);
      await expect
        .poll(() => fleet.dns.ask("old.example.test"), patience)
        .toEqual([`old.example.test. ${ttl} A ${us}`]);
      await fleet.us.expose("old", "old.example.test");
    });
    await expect
      .poll(() => fleet.dns.ask("old.example.test"), patience)
      .toEqual([
        `old.example.test. ${ttl} CNAME old.example.test.${weights}.`,
        `old.example.test.${weights}. ${ttl} A ${us}`,
      ]);
    expect(fleet.writers.log()).not.toContain("Conflicts with pre-existing RRset");
    await fleet.us.withdraw("old");
  });

  it("go with the app, from both zones", async () => {
    await fleet.eu.withdraw("shop");
    await expect.poll(countOf, patience).toEqual({ [us]: asked });
    await fleet.us.withdraw("shop");
    await expect.poll(() => fleet.dns.ask("shop.example.test"), patience).toEqual([]);
    await expect.poll(() => fleet.dns.ask(`shop.example.test.${weights}`), patience).toEqual([]);
  });
});
