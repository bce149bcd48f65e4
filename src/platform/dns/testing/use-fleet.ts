import { afterAll, beforeAll } from "vitest";
import { connect } from "../../../cluster/client.ts";
import { hasApiServer } from "../../../cluster/testing/api-server.ts";
import { findProgram } from "../../../cluster/testing/programs.ts";
import type { DeclaredDns } from "../../../dns/declared.ts";
import { reachClusters } from "../../release/observe.ts";
import type { DnsReport } from "../round.ts";
import type { DnsSource } from "../source.ts";
import { keepDns } from "../watch.ts";
import { startCluster, type TestCluster } from "./cluster.ts";
import { runExternalDns, type Writers } from "./external-dns.ts";
import type { DnsServer } from "./servers.ts";

/** What the tests of this folder run for real. */
export const hasDnsPrograms = () =>
  hasApiServer() && findProgram("traefik") !== undefined && findProgram("external-dns") !== undefined;

/** Seconds an answer may be kept, in all tests. */
export const ttl = 20;

/** Two clusters, of which `eu` is the hub, a DNS server, and external-dns. */
export interface Servers {
  dns: DnsServer;
  eu: TestCluster;
  us: TestCluster;
  writers: Writers;
}

/** The same with landfall's own rounds, where `eu` has the weight 3. */
export interface Fleet extends Servers {
  /** What the last round came to. */
  last(): DnsReport | undefined;
  /** Do something while no round is made. */
  pause(during: () => Promise<void>): Promise<void>;
}

type Options = Parameters<typeof runExternalDns>[2];

/** Servers for the tests of a `describe`; `startDns` gives its DNS server, and `more` what else runs beside them. */
export function useServers<T extends Servers>(
  startDns: () => Promise<DnsServer>,
  options: Options,
  more?: (fleet: T) => Promise<{ stop(): Promise<void> }>,
): T {
  const fleet = {} as T;
  const stops: (() => Promise<void>)[] = [];
  const started = async <S extends { stop(): Promise<void> }>(thing: S): Promise<S> => {
    stops.unshift(() => thing.stop());
    return thing;
  };
  beforeAll(async () => {
    fleet.dns = await started(await startDns());
    fleet.eu = await started(await startCluster("127.77.0.11"));
    fleet.us = await started(await startCluster("127.77.0.12"));
    const { client, server } = fleet.eu;
    const given = { ...options, hub: "here", ttl: `${ttl}s`, zones: ["example.test"] };
    fleet.writers = await started(
      await runExternalDns({ client, kubeconfig: server.kubeconfig }, fleet.dns, given),
    );
    if (more) await started(await more(fleet));
  }, 180_000);
  afterAll(async () => {
    for (const stop of stops) await stop();
  }, 60_000);
  return fleet;
}

/** Servers and landfall's own rounds for the tests of a `describe`. */
export function useFleet(startDns: () => Promise<DnsServer>, options: Options): Fleet {
  return useServers<Fleet>(startDns, options, async (fleet) => {
    const source = sourceOf(fleet, options.weights);
    let kept = keep(source);
    fleet.last = () => kept.last();
    fleet.pause = async (during) => {
      await kept.stop();
      await during();
      kept = keep(source);
    };
    return { stop: () => kept.stop() };
  });
}

function sourceOf({ eu, us, dns }: Servers, weightsZone: string | undefined): DnsSource {
  const of = (name: string, weight: number, { httpPort }: TestCluster) => ({
    ...{ name, weight, addresses: [], httpPort },
  });
  const declared: DeclaredDns = {
    ...{ hub: "eu", namespace: "external-dns", zones: ["example.test"], ttl, weightsZone },
    ...{ owner: "acme-here", server: { host: "127.0.0.1", port: dns.port } },
    clusters: [of("eu", 3, eu), of("us", 1, us)],
  };
  const reachable = (name: string, { server }: TestCluster) => ({
    ...{ name, namespace: "", metricsUrl: undefined, alertsUrl: undefined },
    connect: () => connect({ kubeconfig: server.kubeconfig }),
  });
  return {
    ...{ company: "acme", read: async () => declared, otherwise: undefined },
    reach: () => reachClusters([reachable("eu", eu), reachable("us", us)]),
  };
}

function keep(source: DnsSource) {
  const control = new AbortController();
  let report: DnsReport | undefined;
  const done = keepDns(source, {
    everyMs: 1000,
    signal: control.signal,
    onEvent: (event) => {
      if (event.type === "round") report = event;
    },
  });
  const stop = async () => {
    control.abort();
    await done;
  };
  return { stop, last: () => report };
}
