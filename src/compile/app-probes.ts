import type { PlacedApp } from "../kit/placed-app.ts";
import type { ContainerSpec } from "../kit/pod.ts";
import type { Probe } from "../model/app.ts";

const periodSeconds = 5;

/**
 * The three probes of an app. Where none is declared, a connection to the first port; without ports, none. Liveness
 * never asks what readiness asks: an app whose database is away is not ready, and a restart would not mend that.
 */
export function appProbes(app: PlacedApp): ContainerSpec["probes"] {
  const { live, ready, startSeconds } = app.spec.probes;
  if (app.ports.length === 0) return {};
  const readiness = action(app, ready ?? live);
  const liveness = action(app, live ?? connection(ready));
  return {
    startup: { ...liveness, periodSeconds: 1, failureThreshold: startSeconds, timeoutSeconds: 2 },
    liveness: { ...liveness, periodSeconds: periodSeconds * 2, failureThreshold: 3, timeoutSeconds: 3 },
    readiness: { ...readiness, periodSeconds, failureThreshold: 2, timeoutSeconds: 3 },
  };
}

/** A connection to the port that a probe asks. */
function connection(probe: Probe | undefined): Probe | undefined {
  if (!probe || "tcp" in probe) return probe;
  const port = "grpc" in probe ? probe.grpc : probe.port;
  return port === undefined ? undefined : { tcp: port };
}

function action(app: PlacedApp, probe: Probe | undefined): object {
  const first = app.ports[0];
  if (!probe) return { tcpSocket: { port: first?.name } };
  if ("http" in probe) return { httpGet: { path: probe.http, port: probe.port ?? first?.name } };
  if ("tcp" in probe) return { tcpSocket: { port: probe.tcp } };
  // Kubernetes takes a number here, not a port's name.
  const port = app.ports.find((p) => p.name === probe.grpc)?.port;
  return { grpc: { port, ...(probe.service && { service: probe.service }) } };
}
