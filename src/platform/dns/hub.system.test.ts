import { describe, expect, it } from "vitest";
import { type HubProcess, hubProcess } from "./testing/hub.ts";
import { startBind } from "./testing/servers.ts";
import { hasDnsPrograms, type Servers, ttl, useServers } from "./testing/use-fleet.ts";

const here = "127.77.0.11";
const us = "127.77.0.12";
const patience = { timeout: 90_000, interval: 200 };

interface HubServers extends Servers {
  hub: HubProcess;
}

/** The hub's engine learns from the fleet repo what to keep, and keeps it on BIND with its part's rights alone. */
describe.skipIf(!hasDnsPrograms())("names that the engine on a hub keeps", { timeout: 240_000 }, () => {
  const fleet = useServers<HubServers>(
    () => startBind("example.test", []),
    {},
    async (servers) => {
      const declaration = declared({ here: 3, us: 1 });
      servers.hub = await hubProcess(declaration, [
        ["here", servers.eu],
        ["us", servers.us],
      ]);
      return servers.hub;
    },
  );
  const declared = (weights: { here: number; us: number }, options = "hub: here, ") => {
    const cluster = (name: "here" | "us", { address, httpPort }: Servers["eu"]) =>
      `  ${name}: { type: kubernetes, context: ${name}, dns: { weight: ${weights[name]}, probe: "http://${address}:${httpPort}/" } }`;
    return `landfall: 2
company: acme
domain: example.test
clusters:
${cluster("here", fleet.eu)}
${cluster("us", fleet.us)}
fleet: { url: "https://git.example.com/fleet.git" }
parts:
  flux: {}
  gateway-api: {}
  external-dns: { ${options}server: 127.0.0.1, port: ${fleet.dns.port}, ttl: ${ttl}s }
  release-engine: { hub: here, kubeconfig: clusters }
`;
  };
  const answers = () => expect.poll(() => fleet.dns.ask("web.example.test"), patience);
  const record = (address: string) => `web.example.test. ${ttl} A ${address}`;

  it("come by what the fleet repo says, and nothing is refused to it on the way", async () => {
    for (const cluster of [fleet.eu, fleet.us]) await cluster.expose("web", "web.example.test");
    await fleet.hub.commit(declared({ here: 3, us: 1 }));
    const said = JSON.parse(await fleet.hub.git.show("dns.json"));
    expect(said).toMatchObject({ hub: "here", owner: "acme-here" });
    await fleet.hub.start();
    await answers().toEqual([record(here)]);
    expect(fleet.hub.log()).toContain('"is":"round"');
    expect(fleet.hub.log()).not.toMatch(/forbidden|no way/i);
  });

  it("follow the shares of the next commit, without a new start", async () => {
    await fleet.hub.commit(declared({ here: 1, us: 3 }));
    await answers().toEqual([record(us)]);
  });

  it("leave a cluster that fails, also while Git is away", async () => {
    fleet.hub.letIn(false);
    await expect.poll(() => fleet.hub.log(), patience).toContain('"type":"dns","is":"failed"');
    await fleet.us.gateway.kill();
    await answers().toEqual([record(here)]);
    await fleet.us.gateway.start();
    await answers().toEqual([record(us)]);
  });

  it("stay as they are while nobody keeps them, and are kept by the next process", async () => {
    await fleet.hub.kill();
    fleet.hub.letIn(true);
    await fleet.us.gateway.kill();
    expect(await fleet.dns.ask("web.example.test")).toEqual([record(us)]);
    await fleet.hub.start();
    await answers().toEqual([record(here)]);
  });

  it("are let go when the fleet repo says no more of them", async () => {
    const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };
    const holder = async () => {
      const found = await fleet.eu.client.get(lease, "landfall-dns", "external-dns");
      return (found?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;
    };
    expect(await holder()).toMatch(/^landfall-/);
    await fleet.hub.commit(declared({ here: 1, us: 3 }, ""));
    expect(await fleet.hub.git.files("")).not.toContain("dns.json");
    await expect.poll(holder, patience).toBe("");
    expect(await fleet.dns.ask("web.example.test")).toEqual([record(here)]);
  });
});
