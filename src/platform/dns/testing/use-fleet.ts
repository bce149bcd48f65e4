import { afterAll, beforeAll } from "vitest";
import { hasApiServer } from "../../../cluster/testing/api-server.ts";
import { findProgram } from "../../../cluster/testing/programs.ts";
import type { DnsRules } from "../../../dns/types.ts";
import type { DnsMember, DnsReport, DnsTask } from "../round.ts";
import { keepDns } from "../watch.ts";
import { startCluster, type TestCluster } from "./cluster.ts";
import { runExternalDns, type Writers } from "./external-dns.ts";
import type { DnsServer } from "./servers.ts";

/** What the tests of this folder run for real. */
export const hasDnsPrograms = () =>
  hasApiServer() && findProgram("traefik") !== undefined && findProgram("external-dns") !== undefined;

/** Seconds an answer may be kept, in all tests. */
export const ttl = 20;

/** Two clusters, of which `eu` is the hub and has the weight 3, a DNS server, external-dns and landfall's own round. */
export interface Fleet {
  dns: DnsServer;
  eu: TestCluster;
  us: TestCluster;
  writers: Writers;
  /** What the last round came to. */
  last(): DnsReport | undefined;
  /** Do something while no round is made. */
  pause(during: () => Promise<void>): Promise<void>;
}

type Options = Parameters<typeof runExternalDns>[2];

/** A fleet for the tests of a `describe`; `startDns` gives its DNS server. */
export function useFleet(startDns: () => Promise<DnsServer>, options: Options): Fleet {
  const fleet = {} as Fleet;
  const stops: (() => Promise<void>)[] = [];
  const started = async <T extends { stop(): Promise<void> }>(thing: T): Promise<T> => {
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
    const rules = { zones: ["example.test"], ttl, weightsZone: options.weights };
    const task = taskOf(fleet, rules);
    let kept = keep(task);
    stops.unshift(() => kept.stop());
    fleet.last = () => kept.last();
    fleet.pause = async (during) => {
      await kept.stop();
      await during();
      kept = keep(task);
    };
  }, 180_000);
  afterAll(async () => {
    for (const stop of stops) await stop();
  }, 60_000);
  return fleet;
}

function taskOf({ eu, us, dns }: Fleet, rules: DnsRules): DnsTask {
  const member = (name: string, weight: number, { client, httpPort }: TestCluster): DnsMember => ({
    name,
    weight,
    addresses: [],
    probe: undefined,
    httpPort,
    client,
  });
  const members = [member("eu", 3, eu), member("us", 1, us)];
  const ask = { owner: "acme-here", server: { host: "127.0.0.1", port: dns.port } };
  return { company: "acme", hub: eu.client, namespace: "external-dns", members, rules, ask };
}

function keep(task: DnsTask) {
  const control = new AbortController();
  let report: DnsReport | undefined;
  const done = keepDns(task, {
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
