/**
 * Metrics of pods that do not run: `node exporter.ts KUBECONFIG PORT REQUESTS_PER_SECOND`. It is the proxy through which
 * a Prometheus reaches the pods of one simulated cluster, and answers in their place, each by its own address.
 */
import { createServer, type ServerResponse } from "node:http";
import { connect } from "../../src/cluster/client.ts";
import type { LiveObject, WatchEvent } from "../../src/cluster/types.ts";
import { appLabel, partLabel } from "../../src/kit/labels.ts";
import { gatewayMetrics, podMetrics } from "./exposition.ts";
import { add, type Counts, faultsOf, serviceOf, shareOf } from "./traffic.ts";

const [kubeconfig = "", port = "0", rate = "50"] = process.argv.slice(2);
const client = connect({ kubeconfig });
const pods = new Map<string, LiveObject>();
const routes = new Map<string, LiveObject>();
const byPod = new Map<string, Counts>();
const none: Counts = { ok: 0, failed: 0, seconds: 0 };

const keyOf = ({ namespace = "", name }: { namespace?: string; name: string }) => `${namespace}/${name}`;

function keep(kept: Map<string, LiveObject>) {
  return (event: WatchEvent) => {
    if (event.type === "deleted") kept.delete(keyOf(event.object.metadata));
    else if (event.type === "added" || event.type === "modified")
      kept.set(keyOf(event.object.metadata), event.object);
  };
}

function isReady({ status, metadata }: LiveObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  if (metadata.deletionTimestamp !== undefined) return false;
  return conditions.some((one) => one.type === "Ready" && one.status === "True");
}

/** The ready pods of each app's Services. */
function answering(): Map<string, LiveObject[]> {
  const ready = [...pods.values()].filter(isReady);
  const named = ready.filter((pod) => serviceOf(pod) !== undefined);
  return Map.groupBy(named, (pod) => keyOf({ ...pod.metadata, name: serviceOf(pod) ?? "" }));
}

function serve(requests: number): void {
  for (const own of answering().values()) {
    for (const pod of own) {
      const route = routes.get(keyOf({ ...pod.metadata, name: pod.metadata.labels?.[appLabel] ?? "" }));
      const share = shareOf(serviceOf(pod) ?? "", route) / own.length;
      const key = keyOf(pod.metadata);
      byPod.set(key, add(byPod.get(key) ?? none, requests * share, faultsOf(pod)));
    }
  }
}

function metricsOf(pod: LiveObject): string | undefined {
  if (serviceOf(pod) !== undefined) return podMetrics(byPod.get(keyOf(pod.metadata)) ?? none, faultsOf(pod));
  if (pod.metadata.labels?.[partLabel] !== "traefik") return undefined;
  return gatewayMetrics([...answering().values()].flat().map(seenByGateway));
}

/** As Traefik names a Service's backend; a pod of it each, told apart by a label of its own. */
function seenByGateway(pod: LiveObject) {
  const { namespace = "" } = pod.metadata;
  const [first] = (pod.spec as { containers: { ports?: { name?: string; containerPort: number }[] }[] })
    .containers;
  const port = first?.ports?.find(({ name }) => name === "http")?.containerPort ?? 80;
  const service = `${namespace}-${serviceOf(pod)}-http-${port}@kubernetesgateway",pod_name="${pod.metadata.name}`;
  return [service, byPod.get(keyOf(pod.metadata)) ?? none, faultsOf(pod)] as const;
}

function answer(host: string, response: ServerResponse): void {
  const pod = [...pods.values()].find(
    ({ status }) => (status as { podIP?: string } | undefined)?.podIP === host,
  );
  const text = pod && metricsOf(pod);
  response
    .writeHead(text === undefined ? 503 : 200, { "Content-Type": "text/plain; version=0.0.4" })
    .end(text);
}

const abort = new AbortController();
const ended = Promise.all([
  client.watch({ apiVersion: "v1", kind: "Pod" }, {}, keep(pods), abort.signal),
  client.watch(
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
    {},
    keep(routes),
    abort.signal,
  ),
]);
let last = performance.now();
const ticking = setInterval(() => {
  const now = performance.now();
  serve((Number(rate) * (now - last)) / 1000);
  last = now;
}, 250);
// A proxy is asked with the whole address in the first line.
const server = createServer((request, response) =>
  answer(URL.canParse(request.url ?? "") ? new URL(request.url ?? "").hostname : "", response),
).listen(Number(port), "127.0.0.1");
process.once("SIGTERM", async () => {
  abort.abort();
  clearInterval(ticking);
  server.close();
  await ended;
  client.close();
});
