import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCluster, type TestCluster } from "./testing/cluster.ts";
import { runExternalDns, type Writers } from "./testing/external-dns.ts";
import { type DnsServer, startBind } from "./testing/servers.ts";
import { hasDnsPrograms } from "./testing/use-fleet.ts";

const patience = { timeout: 60_000, interval: 100 };

/** Without a hub: external-dns reads the routes of its own cluster, with the rights that the part gives it. */
describe.skipIf(!hasDnsPrograms())("names of one cluster", { timeout: 300_000 }, () => {
  let dns: DnsServer;
  let cluster: TestCluster;
  let writers: Writers;
  beforeAll(async () => {
    dns = await startBind("example.test", ["legacy 60 A 198.51.100.7", "alias 60 CNAME legacy"]);
    cluster = await startCluster("127.77.0.13");
    const on = { client: cluster.client, kubeconfig: cluster.server.kubeconfig };
    writers = await runExternalDns(on, dns, { zones: ["example.test"], ttl: "10s" });
  }, 120_000);
  afterAll(async () => {
    for (const started of [writers, cluster, dns]) await started?.stop();
  }, 60_000);

  it("come, move and go with the routes that its gateway took", async () => {
    const answers = (host: string) => expect.poll(() => dns.ask(`${host}.example.test`), patience);
    await cluster.expose("web", "web.example.test");
    await answers("web").toEqual(["web.example.test. 10 A 127.77.0.13"]);
    await cluster.expose("web", "shop.example.test");
    await answers("shop").toEqual(["shop.example.test. 10 A 127.77.0.13"]);
    await answers("web").toEqual([]);
    await cluster.withdraw("web");
    await answers("shop").toEqual([]);
    expect(await dns.ask("a-shop.example.test", "TXT")).toEqual([]);
  });

  it("are not taken from somebody else", async () => {
    await cluster.expose("intruder", "legacy.example.test");
    await cluster.expose("other", "alias.example.test");
    // It says so only where the types differ.
    await expect
      .poll(() => writers.metric("external_dns_registry_skipped_records_owner_mismatch_per_sync{"), patience)
      .toEqual([expect.stringMatching(/domain="example.test".*record_type="cname".* 1$/)]);
    expect(await dns.ask("legacy.example.test")).toEqual(["legacy.example.test. 60 A 198.51.100.7"]);
    expect(await dns.ask("alias.example.test", "CNAME")).toEqual([
      "alias.example.test. 60 CNAME legacy.example.test.",
    ]);
    expect(writers.log()).not.toMatch(/forbidden/i);
  });
});
