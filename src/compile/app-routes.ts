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
    const backendRefs = [{ name: app.name, port: port?.port }];
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

/** The port a route leads to: the one named, else the first that speaks http or grpc and is not for metrics. */
export function routePort(app: PlacedApp, name: string | undefined): AppPort | undefined {
  return name
    ? app.ports.find((p) => p.name === name)
    : app.ports.find((p) => p.protocol !== "tcp" && p.name !== "metrics");
}
