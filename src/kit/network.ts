import type { KubernetesObject } from "../schema/object.ts";
import { labelsOf, type Owner } from "./labels.ts";
import type { DnsValue, PodGroup } from "./tokens.ts";

/** Who may reach (ingress) or be reached (egress), and on which ports. Without `pods` any peer in the network. */
export interface Edge {
  pods?: PodGroup[];
  /** Addresses outside of pods, e.g. the API server. */
  cidrs?: string[];
  /** Networks inside of `cidrs` that are left out. */
  except?: string[];
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
      ingress: of.ingress.map((edge) => ({ ...peers("from", edge), ...portsOf(edge) })),
      egress: of.egress.map((edge) => ({ ...peers("to", edge), ...portsOf(edge) })),
    },
  };
}

function peers(key: "from" | "to", edge: Edge): object {
  const selectors = [
    ...(edge.pods ?? []).map(({ namespace, labels }) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchLabels: labels },
    })),
    ...(edge.cidrs ?? []).map((cidr) => ({ ipBlock: { cidr, ...exceptOf(cidr, edge.except) } })),
  ];
  return selectors.length > 0 ? { [key]: selectors } : {};
}

/** A network may leave out only addresses of its own family. */
function exceptOf(cidr: string, except: string[] = []): object {
  const isV6 = (text: string) => text.includes(":");
  const own = except.filter((other) => isV6(other) === isV6(cidr));
  return own.length > 0 ? { except: own } : {};
}

function portsOf(edge: Edge): object {
  if (edge.ports.length === 0) return {};
  return { ports: edge.ports.map(({ port, protocol = "TCP" }) => ({ port, protocol })) };
}

const both = (port: number): Edge["ports"] => [
  { port, protocol: "UDP" },
  { port, protocol: "TCP" },
];

/**
 * Where distributions run DNS when no part of ours does: kube-dns; OpenShift's own, on a port of its own; and the
 * link-local address of a cache on the node (NodeLocal DNSCache, GKE), which is no pod.
 */
const usualDns: Edge = {
  pods: [
    { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
    { namespace: "openshift-dns", labels: { "dns.operator.openshift.io/daemonset-dns": "default" } },
  ],
  cidrs: ["169.254.0.0/16"],
  ports: [...both(53), ...both(5353)],
};

/** The edge to the cluster's DNS. */
export function dnsEdge(dns: DnsValue | undefined): Edge {
  return dns ? { pods: [dns.pods], ports: both(dns.port) } : usualDns;
}

/** The edge to the API server, which is no pod; its address differs from cluster to cluster. */
export const apiServerEdge: Edge = { ports: [{ port: 443 }, { port: 6443 }] };

/** Any peer on any port: for what must reach addresses nobody knows beforehand. */
export const anyEdge: Edge = { ports: [] };

/** The edge from the metrics store to a port, where there is a store. */
export function scrapeEdge(store: { pods: PodGroup } | undefined, port: number): Edge[] {
  return store ? [{ pods: [store.pods], ports: [{ port }] }] : [];
}
