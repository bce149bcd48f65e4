import { z } from "zod";
import { duration, field, hostname, type PartContext } from "../../kit/index.ts";

const port = z.int().min(1).max(65535);

export const options = z
  .object({
    hub: field(
      hostname.optional(),
      "The one cluster that writes the records of all, for names that clusters share; by default each cluster writes those of its own routes.",
      "here",
    ),
    zones: field(
      z.array(hostname).min(1).optional(),
      "The zones whose names are ours; by default the company's domain.",
      ["example.com"],
    ),
    provider: field(
      z.enum(["rfc2136", "pdns"]).default("rfc2136"),
      "How records are written: dynamic updates (RFC 2136; BIND, Knot, Microsoft DNS), or PowerDNS' API.",
      "pdns",
    ),
    server: field(
      z.union([hostname, z.ipv4(), z.ipv6()]).optional(),
      "The DNS server that takes updates; by default `ns1` in the first zone.",
      "192.0.2.53",
    ),
    port: field(port.optional(), "Its port for updates; by default 53, or 8081 for PowerDNS' API.", 8081),
    tls: field(z.boolean().default(false), "Whether updates go over TLS.", true),
    key: field(
      z.string().min(1).default("external-dns"),
      "The name of the TSIG key (RFC 2136).",
      "landfall-key",
    ),
    secret: field(
      z.string().min(1).default("external-dns"),
      "The Secret in its namespace whose key `value` is the TSIG key in base64, or PowerDNS' API key.",
      "dns-credentials",
    ),
    ttl: field(
      duration.default("60s"),
      "How long an answer may be kept: a failed cluster has left every resolver after that time.",
      "30s",
    ),
    weights: field(
      hostname.optional(),
      "A zone of PowerDNS that holds nothing else, for the Lua records that share names by weight; without it the heaviest healthy cluster answers.",
      "weights.example.com",
    ),
    interval: field(
      duration.default("1m"),
      "How often all records are compared with the server's; changes are written within 5 s.",
      "5m",
    ),
  })
  .refine(({ weights, provider, hub }) => !weights || (provider === "pdns" && hub), {
    path: ["weights"],
    error: "needs `hub` and the provider `pdns`: no other server that is offered knows weights",
  });

export type Options = z.output<typeof options>;
export type Context = PartContext<Options>;

/** The zones that are ours, the company's domain unless others are named. */
export function zonesOf({ options, company }: Pick<Context, "options" | "company">): [string, ...string[]] {
  const [first = company.domain, ...more] = options.zones ?? [];
  return [first, ...more];
}

/** Whom the records of a cluster are signed by. */
export function ownerOf({ company, cluster }: Context): string {
  return `${company.name}-${cluster.name}`;
}

/** Where updates are sent, and as which network a policy knows it: an address, or any where it has a name. */
export function serverOf(cx: Context): { host: string; port: number; cidrs: string[] } {
  const { server, port, provider } = cx.options;
  const host = server ?? `ns1.${zonesOf(cx)[0]}`;
  return { host, port: port ?? (provider === "pdns" ? 8081 : 53), cidrs: networksOf(host) };
}

function networksOf(host: string): string[] {
  if (z.ipv4().safeParse(host).success) return [`${host}/32`];
  return z.ipv6().safeParse(host).success ? [`${host}/128`] : [];
}
