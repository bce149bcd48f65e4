import { z } from "zod";
import type { KubernetesObject } from "../schema/object.ts";
import { labelsOf, type Owner } from "./labels.ts";
import type { ClusterFacts } from "./part.ts";
import type { GatewayValue } from "./tokens.ts";

/** The option every part with pages for people has. */
export const pageOption = z
  .boolean()
  .optional()
  .meta({
    description: "Show its pages through the gateway, without a login. By default on local clusters only.",
    examples: [false],
  });

/** Whether a part's pages are shown: as the option says, else on local clusters. */
export function showsPages(option: boolean | undefined, cluster: ClusterFacts): boolean {
  return option ?? cluster.type === "local";
}

/** A route from a host name to a Service's port. */
export function pageRoute(of: {
  name: string;
  namespace: string;
  owner: Owner;
  gateway: GatewayValue;
  host: string;
  port: number;
}): KubernetesObject {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: of.name, namespace: of.namespace, labels: labelsOf(of.owner, of.name) },
    spec: {
      parentRefs: [{ name: of.gateway.name, namespace: of.gateway.namespace }],
      hostnames: [of.host],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: [{ name: of.name, port: of.port }],
        },
      ],
    },
  };
}
