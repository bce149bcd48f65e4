import type { Owner } from "../kit/labels.ts";
import type { AppPort, PlacedApp } from "../kit/placed-app.ts";
import type { GatewayValue } from "../kit/tokens.ts";
import type { KubernetesObject } from "../schema/object.ts";

/** One route for each place an app answers at. */
export function routesOf(app: PlacedApp, gateway: GatewayValue, owner: Owner): KubernetesObject[] {
  return app.spec.expose.map(({ host, path, port: portName }, i) => {
    const port = routePort(app, portName);
    const grpc = port?.protocol === "grpc";
    const name = i === 0 ? app.name : `${app.name}-${i + 1}`;
    const backendRefs = backendsOf(app, port);
    return {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: grpc ? "GRPCRoute" : "HTTPRoute",
      metadata: {
        name,
        namespace: app.namespace,
        labels: { "app.kubernetes.io/managed-by": "landfall", [owner.label]: owner.name },
      },
      spec: {
        parentRefs: [{ name: gateway.name, namespace: gateway.namespace }],
        hostnames: [host],
        rules: [
          grpc ? { backendRefs } : { matches: [{ path: { type: "PathPrefix", value: path } }], backendRefs },
        ],
      },
    };
  });
}

/** Who answers a route: the app alone, or the app with those it gives a share to. */
function backendsOf({ name, shares }: PlacedApp, port: AppPort | undefined): object[] {
  if (shares.length === 0) return [{ name, port: port?.port }];
  const given = shares.reduce((sum, { weight }) => sum + weight, 0);
  return [
    { name, port: port?.port, weight: 100 - given },
    ...shares.map((share) => ({
      name: share.name,
      port: sharedPort(share, port)?.port,
      weight: share.weight,
    })),
  ];
}

/** The port of an app that answers a share: the one of the same name and protocol, else its first that speaks it. */
export function sharedPort({ ports }: { ports: AppPort[] }, port: AppPort | undefined): AppPort | undefined {
  const alike = ports.filter(({ name, protocol }) => protocol === port?.protocol && name !== "metrics");
  return alike.find(({ name }) => name === port?.name) ?? alike[0];
}

/** The port a route leads to: the one named, else the first that speaks http or grpc and is not for metrics. */
export function routePort(app: Pick<PlacedApp, "ports">, name: string | undefined): AppPort | undefined {
  return name
    ? app.ports.find((p) => p.name === name)
    : app.ports.find((p) => p.protocol !== "tcp" && p.name !== "metrics");
}
