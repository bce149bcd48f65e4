import type { ClusterClient } from "../../cluster/client.ts";
import type { LiveObject } from "../../cluster/types.ts";
import type { DnsRoute } from "../../dns/types.ts";
import { appLabel } from "../../kit/labels.ts";

const api = "gateway.networking.k8s.io/v1";

interface ParentRef {
  name: string;
  namespace?: string;
}

interface RouteSpec {
  hostnames?: string[];
  rules?: { matches?: { path?: { value?: string } }[] }[];
}

interface RouteStatus {
  parents?: { parentRef: ParentRef; conditions?: { type: string; status: string }[] }[];
}

/**
 * The routes that gateways of a cluster have accepted, with the addresses of those gateways, or these where some are
 * declared. Throws LF6001 or LF6002 when the cluster cannot say.
 */
export async function routesOn(
  client: ClusterClient,
  cluster: string,
  declared: string[],
): Promise<DnsRoute[]> {
  const [gateways, http, grpc] = await Promise.all(
    ["Gateway", "HTTPRoute", "GRPCRoute"].map((kind) => client.list({ apiVersion: api, kind })),
  );
  const addresses = addressesOf(gateways ?? []);
  return [...(http ?? []), ...(grpc ?? [])].flatMap((route) => {
    const at =
      declared.length > 0 ? declared : parentsOf(route).flatMap((parent) => addresses.get(parent) ?? []);
    if (parentsOf(route).length === 0) return [];
    const { name, namespace = "", labels, creationTimestamp: since } = route.metadata;
    const { hostnames = [] } = route.spec as RouteSpec;
    const app = `${namespace}/${labels?.[appLabel] ?? name}`;
    return hostnames.flatMap((host) =>
      pathsOf(route).map((path) => ({ host, path, app, cluster, since, addresses: [...new Set(at)] })),
    );
  });
}

/** What each Gateway is reached at, by `namespace/name`. */
function addressesOf(gateways: LiveObject[]): Map<string, string[]> {
  return new Map(
    gateways.map(({ metadata, status }) => {
      const { addresses = [] } = (status ?? {}) as { addresses?: { value: string }[] };
      return [`${metadata.namespace}/${metadata.name}`, addresses.map(({ value }) => value)];
    }),
  );
}

/** The Gateways that accepted a route. */
function parentsOf({ metadata, status }: LiveObject): string[] {
  return (
    ((status ?? {}) as RouteStatus).parents?.flatMap(({ parentRef, conditions = [] }) => {
      const accepted = conditions.some(({ type, status: said }) => type === "Accepted" && said === "True");
      return accepted ? [`${parentRef.namespace ?? metadata.namespace}/${parentRef.name}`] : [];
    }) ?? []
  );
}

function pathsOf({ spec }: LiveObject): string[] {
  const { rules = [] } = spec as RouteSpec;
  const paths = rules.flatMap(({ matches = [] }) => matches.flatMap(({ path }) => path?.value ?? []));
  return paths.length > 0 ? [...new Set(paths)] : ["/"];
}
