/** What stands beside a simulated cluster, where nothing runs in pods: an exporter, a Prometheus and a Flagger. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ClusterClient } from "../../src/cluster/client.ts";
import { freePorts } from "../../src/cluster/testing/api-server.ts";
import { startCluster } from "../../src/embedded/index.ts";
import { readState } from "../../src/embedded/state/state.ts";
import type { ExtraProcess } from "../../src/embedded/types.ts";
import { type Started, startProcess } from "./processes.ts";
import { inCluster, prometheusProcess } from "./prometheus.ts";

const exporter = fileURLToPath(new URL("exporter.ts", import.meta.url));

/** Requests a second for each app. */
const rate = 50;

export interface Place {
  /** Folder of the tools' logs and data. */
  dir: string;
  /** LANDFALL_HOME of the clusters. */
  home: string;
  /** The embedded cluster's name: `lab-one`. */
  embedded: string;
  client: ClusterClient;
  kubeconfig: string;
  programs: ReadonlyMap<string, string>;
}

/** Start them; what is started is added to `started` at once, so that it can be stopped whatever fails. */
export async function startTools(place: Place, started: Started[]): Promise<{ prometheusUrl: string }> {
  const { dir, client, kubeconfig, programs } = place;
  const [exporterPort = 0, prometheusPort = 0, flaggerPort = 0] = await freePorts(3);
  const args = ["--disable-warning=ExperimentalWarning", exporter, kubeconfig, `${exporterPort}`, `${rate}`];
  started.push(await startProcess(join(dir, "exporter"), { command: process.execPath, args }));
  const prometheus = await prometheusProcess({
    program: programs.get("prometheus") ?? "",
    dir: join(dir, "prometheus"),
    client,
    kubeconfig,
    port: prometheusPort,
    exporterUrl: `http://127.0.0.1:${exporterPort}`,
  });
  await supervise(place, prometheus);
  const prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
  started.push(await startFlagger(place, flaggerPort, prometheusUrl));
  return { prometheusUrl };
}

/** Let the cluster's own supervisor keep a process, as it keeps Flux there: gates ask for metrics where it is. */
async function supervise({ embedded, home }: Place, added: ExtraProcess): Promise<void> {
  const before = process.env.LANDFALL_HOME;
  process.env.LANDFALL_HOME = home;
  try {
    const state = readState(embedded);
    if (!state) throw new Error(`there is no cluster ${embedded}`);
    const processes = [...(state.spec.processes ?? []), added];
    await startCluster({ ...state.spec, processes }, { onEvent: () => undefined });
  } finally {
    if (before === undefined) delete process.env.LANDFALL_HOME;
    else process.env.LANDFALL_HOME = before;
  }
}

/**
 * Flagger asks for metrics at the address that its templates have, a Service's. The Prometheus beside it takes such a
 * request as it is when it comes by way of a proxy's address.
 */
function startFlagger({ dir, kubeconfig, programs }: Place, port: number, prometheusUrl: string) {
  const args = [
    `-kubeconfig=${kubeconfig}`,
    "-mesh-provider=gatewayapi:v1",
    `-metrics-server=${inCluster}`,
    `-port=${port}`,
    "-control-loop-interval=1s",
    "-enable-leader-election=false",
    "-include-label-prefix=app.kubernetes.io/,landfall.dev/",
  ];
  return startProcess(join(dir, "flagger"), {
    command: programs.get("flagger") ?? "",
    args,
    env: { HTTP_PROXY: prometheusUrl },
    healthUrl: `http://127.0.0.1:${port}/healthz`,
  });
}
