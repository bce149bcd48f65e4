import { keepDns } from "../platform/dns/watch.ts";
import { whileLeading } from "../platform/lease.ts";
import { openHub } from "../platform/release/hub.ts";
import { serveMetrics } from "../platform/release/hub-metrics.ts";
import { dnsLog } from "./dns-text.ts";
import { openOnes, runAndShow } from "./release-follow.ts";
import { releaseScreen } from "./release-screen.ts";

/** How often clusters are looked at for DNS. */
const dnsEveryMs = 5000;

/** `landfall release run --hub`: the engine by a hub's settings, while it leads, and beside it DNS. */
export async function runOnHub(
  file: string,
  { json, once, signal }: { json: boolean; once: boolean; signal: AbortSignal },
): Promise<void> {
  const hub = await openHub(file);
  const metrics = await serveMetrics(hub.port);
  const screen = releaseScreen(json, openOnes);
  const counting: typeof screen = {
    ...screen,
    look: (look, extras) => {
      metrics.look(look);
      screen.look(look, extras);
    },
    step: (step) => {
      metrics.step(step);
      screen.step(step);
    },
  };
  const log = dnsLog(json);
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const engine = whileLeading(
    { ...hub.lease, signal: ends, onChange: metrics.leads, onTrouble: screen.trouble },
    (own) => runAndShow(hub, { screen: counting, signal: own, once, metrics: false }),
  );
  const dns = once
    ? undefined
    : keepDns(hub.dns, {
        ...{ everyMs: dnsEveryMs, signal: ends },
        onEvent: (event) => {
          metrics.dns(event);
          log(event);
        },
      });
  try {
    // Whichever ends first ends the other: one that failed is for the kubelet to start again.
    await Promise.race([engine, dns ?? engine]);
  } finally {
    over.abort();
    await Promise.allSettled([engine, dns]);
    screen.end();
    hub.clusters.close();
    hub.lease.client.close();
    await metrics.close();
  }
}
