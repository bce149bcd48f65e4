import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { DnsEvent } from "../dns/watch.ts";
import type { Look, Step } from "./engine.ts";

export interface HubMetrics {
  port: number;
  leads(leads: boolean): void;
  look(look: Look): void;
  step(step: Step): void;
  dns(event: DnsEvent): void;
  close(): Promise<void>;
}

/** Serve /healthz, and at /metrics what the engine did. Port 0 takes a free one. */
export async function serveMetrics(port: number): Promise<HubMetrics> {
  let leading = 0;
  let lookedAt = 0;
  let phases = new Map<string, number>();
  const steps = new Map<string, number>();
  let dnsAt = 0;
  let clusters = new Map<string, number>();
  const text = () => {
    const labelled = (name: string, label: string, values: Map<string, number>) =>
      [...values].map(([key, value]) => `${name}{${label}="${key}"} ${value}`);
    return [
      "# TYPE landfall_release_engine_leading gauge",
      `landfall_release_engine_leading ${leading}`,
      "# TYPE landfall_release_engine_last_look_timestamp_seconds gauge",
      `landfall_release_engine_last_look_timestamp_seconds ${lookedAt / 1000}`,
      "# TYPE landfall_releases gauge",
      ...labelled("landfall_releases", "phase", phases),
      "# TYPE landfall_release_engine_steps_total counter",
      ...labelled("landfall_release_engine_steps_total", "action", steps),
      ...(dnsAt > 0
        ? [
            "# TYPE landfall_dns_last_round_timestamp_seconds gauge",
            `landfall_dns_last_round_timestamp_seconds ${dnsAt / 1000}`,
            "# TYPE landfall_dns_cluster_healthy gauge",
            ...labelled("landfall_dns_cluster_healthy", "cluster", clusters),
          ]
        : []),
      "",
    ].join("\n");
  };
  const server = createServer((request, response) => {
    const body = { "/healthz": () => "ok\n", "/metrics": text }[request.url ?? ""];
    response.writeHead(body ? 200 : 404, { "content-type": "text/plain; version=0.0.4" }).end(body?.());
  });
  await new Promise<void>((done, failed) => server.once("error", failed).listen(port, done));
  return {
    port: (server.address() as AddressInfo).port,
    leads: (leads) => {
      leading = leads ? 1 : 0;
    },
    look: ({ releases, at }) => {
      lookedAt = at;
      phases = new Map();
      for (const { phase } of releases) phases.set(phase, (phases.get(phase) ?? 0) + 1);
    },
    dns: (event) => {
      if (event.type !== "round") return;
      dnsAt = Date.now();
      clusters = new Map(event.clusters.map(({ name, healthy }) => [name, healthy ? 1 : 0]));
    },
    step: ({ action: { kind } }) => void steps.set(kind, (steps.get(kind) ?? 0) + 1),
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
