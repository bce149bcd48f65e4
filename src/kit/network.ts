import type { KubernetesObject } from "../schema/object.ts";
import { labelsOf, type Owner } from "./labels.ts";
import type { PodGroup } from "./tokens.ts";

/** Who may reach (ingress) or be reached (egress), and on which ports. Without `pods` any peer in the network. */
export interface Edge {
  pods?: PodGroup[];
  /** Addresses outside of pods, e.g. the API server. */
  cidrs?: string[];
  ports: { port: number; protocol?: "TCP" | "UDP" }[];
}

/** A network policy for the owner's pods: what is listed is open, everything else is shut, both ways. */
export function networkPolicy(of: {
  name: string;
  namespace: string;
  owner: Owner;
  /** @default the pods with the owner's constant label */
  podLabels?: Record<string, string>;
  ingress: Edge[];
  egress: Edge[];
}): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: of.name, namespace: of.namespace, labels: labelsOf(of.owner, of.name) },
    spec: {
      podSelector: { matchLabels: of.podLabels ?? { [of.owner.label]: of.owner.name } },
      policyTypes: ["Ingress", "Egress"],
      ingress: of.ingress.map((edge) => ({ ...peers("from", edge), ports: portsOf(edge) })),
      egress: of.egress.map((edge) => ({ ...peers("to", edge), ports: portsOf(edge) })),
    },
  };
}

function peers(key: "from" | "to", edge: Edge): object {
  const selectors = [
    ...(edge.pods ?? []).map(({ namespace, labels }) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchLabels: labels },
    })),
    ...(edge.cidrs ?? []).map((cidr) => ({ ipBlock: { cidr } })),
  ];
  return selectors.length > 0 ? { [key]: selectors } : {};
}

function portsOf(edge: Edge): object[] {
  return edge.ports.map(({ port, protocol = "TCP" }) => ({ port, protocol }));
}

/** The edge to the cluster's DNS. */
export function dnsEdge(dns: { pods: PodGroup } | undefined): Edge[] {
  if (!dns) return [];
  const ports = [
    { port: 53, protocol: "UDP" as const },
    { port: 53, protocol: "TCP" as const },
  ];
  return [{ pods: [dns.pods], ports }];
}

/** The edge to the API server, which is no pod; its address differs from cluster to cluster. */
export const apiServerEdge: Edge = { ports: [{ port: 443 }, { port: 6443 }] };
