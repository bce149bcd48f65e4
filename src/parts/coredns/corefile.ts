/** Who answers names outside the cluster: these addresses, the node's own resolver, or nobody. */
export type Resolvers = string[] | "node";

/**
 * CoreDNS' configuration. Names outside the cluster have a server block of their own: CoreDNS asks `template` before
 * `kubernetes` in one block, whatever their order here, so that one for all would deny the cluster's names as well.
 */
export function corefile(resolvers: Resolvers, ports: { dns: number; metrics: number }): string {
  const denies = resolvers.length === 0;
  const outside = denies ? ["template ANY ANY {", "    rcode NXDOMAIN", "}"] : [forward(resolvers)];
  // Addresses that no pod or Service has are somebody else's to name, where there is anybody.
  const fallthrough = denies ? [] : ["    fallthrough in-addr.arpa ip6.arpa"];
  const kubernetes = [
    "kubernetes cluster.local in-addr.arpa ip6.arpa {",
    "    pods insecure",
    ...fallthrough,
    "    ttl 30",
    "}",
    ...(denies ? [] : [forward(resolvers)]),
  ];
  const zones = ["cluster.local", "in-addr.arpa", "ip6.arpa"];
  return [
    block(zones, ports, [
      "health :8080 {",
      "    lameduck 2s",
      "}",
      "ready :8181",
      ...kubernetes,
      "loadbalance",
    ]),
    block(["."], ports, [...outside, ...(denies ? [] : ["loop"])]),
  ].join("\n");
}

const forward = (resolvers: Resolvers) =>
  `forward . ${resolvers === "node" ? "/etc/resolv.conf" : resolvers.join(" ")}`;

function block(zones: string[], { dns, metrics }: { dns: number; metrics: number }, lines: string[]): string {
  const all = ["errors", ...lines, `prometheus :${metrics}`, "cache 30"];
  return `${zones.map((zone) => `${zone}:${dns}`).join(" ")} {\n${all.map((line) => `    ${line}\n`).join("")}}\n`;
}
