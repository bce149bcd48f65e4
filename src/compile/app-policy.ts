import { appLabel, type Owner } from "../kit/labels.ts";
import { dnsEdge, type Edge, networkPolicy, scrapeEdge } from "../kit/network.ts";
import { type PlacedApp, servedPorts } from "../kit/placed-app.ts";
import type { DnsValue, GatewayValue, PodGroup, ProgressiveDelivery } from "../kit/tokens.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { routePort } from "./app-routes.ts";

/** What the parts of a cluster offer to its apps. */
export interface AppServices {
  gateway: GatewayValue | undefined;
  dns: DnsValue | undefined;
  metricsStore: { pods: PodGroup } | undefined;
  progressiveDelivery?: ProgressiveDelivery | undefined;
}

/** Every address but those of private networks, where the cluster and its neighbours are. */
const internet = {
  cidrs: ["0.0.0.0/0", "::/0"],
  except: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"],
};

/** The network policy of an app: open is what it declares, everything else is shut, both ways. */
export function policyOf(app: PlacedApp, owner: Owner, services: AppServices): KubernetesObject {
  const served = servedPorts(app.ports);
  const podsOf = (other: { name: string; namespace: string }): PodGroup => ({
    namespace: other.namespace,
    labels: { [appLabel]: other.name },
  });
  const ingress: Edge[] = [];
  if (app.callers.length > 0 && served.length > 0)
    ingress.push({ pods: app.callers.map(podsOf), ports: served });
  const exposed = exposedPorts(app);
  if (exposed.length > 0 && services.gateway) ingress.push({ pods: [services.gateway.pods], ports: exposed });
  if (app.metrics) ingress.push(...scrapeEdge(services.metricsStore, app.metrics.port.port));
  const egress: Edge[] = [
    dnsEdge(services.dns),
    ...app.callees
      .map((callee) => ({ pods: [podsOf(callee)], ports: servedPorts(callee.ports) }))
      .filter(({ ports }) => ports.length > 0),
    ...app.spec.reaches.flatMap((reach) => reachEdge(reach, services)),
  ];
  return networkPolicy({ name: app.name, namespace: app.namespace, owner, ingress, egress });
}

/** Where it may go besides. The ports of the gateway's pods are nothing an app's writer would know, so all are open. */
function reachEdge({ to, ports }: PlacedApp["spec"]["reaches"][number], { gateway }: AppServices): Edge[] {
  if (to === "gateway") return gateway ? [{ pods: [gateway.pods], ports: [] }] : [];
  return [{ ...(to === "internet" ? internet : { cidrs: [to] }), ports: ports.map((port) => ({ port })) }];
}

/** The ports the gateway may reach: those of its routes, and where it answers for others all they may lead to. */
export function exposedPorts({ ports, spec, answersForOthers }: PlacedApp): { port: number }[] {
  const own = spec.expose.map(({ port }) => routePort({ ports }, port)?.port ?? 0);
  const shared = ports.filter(({ name, protocol }) => protocol !== "tcp" && name !== "metrics");
  const all = [...own, ...(answersForOthers ? shared.map(({ port }) => port) : [])];
  return [...new Set(all)].map((port) => ({ port }));
}
