/**
 * What the declaration says of the names that one cluster writes for all, as the fleet repo keeps it: whoever keeps DNS
 * reads it there, with the declaration at hand or without. It holds no secret.
 */
import { z } from "zod";
import { failure, messageOf } from "../util/errors.ts";

/** Where it is in the fleet repo. */
export const dnsPath = "dns.json";

const name = z.string().min(1);
const port = z.int().min(1).max(65535);

// What a newer landfall adds is left alone: a hub's engine may be older than whoever built the fleet.
const declaredSchema = z.object({
  /** The cluster whose DNSEndpoints are the records of all. */
  hub: name,
  /** Where its DNSEndpoints are. */
  namespace: name,
  /** The zones that are ours. */
  zones: z.array(name).min(1),
  /** Seconds an answer may be kept. */
  ttl: z.int().min(1),
  /** A zone for PowerDNS' Lua records, which share a name by weight. */
  weightsZone: name.optional(),
  /** Whom our records are signed by, and who is asked for them. */
  owner: name,
  server: z.object({ host: name, port }),
  clusters: z.array(
    z.object({
      name,
      /** Its share of a name beside other clusters'; 0 is a standby. */
      weight: z.number().min(0),
      /** Where it is reached; without any those of its Gateways count. */
      addresses: z.array(name).default([]),
      /** A URL that tells whether it is well; without it any answer of its gateway does. */
      probe: z.url().optional(),
      /** Where its gateway speaks HTTP. */
      httpPort: port,
    }),
  ),
});

export type DeclaredDns = z.output<typeof declaredSchema>;
export type DeclaredCluster = DeclaredDns["clusters"][number];

/** The file's text: the same facts give the same bytes. */
export function dnsText(declared: DeclaredDns): string {
  return `${JSON.stringify(declared, null, 2)}\n`;
}

/** What the file says. Throws LF3002 when it is none. */
export function parseDns(text: string): DeclaredDns {
  try {
    return declaredSchema.parse(JSON.parse(text));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const why = issue ? `${issue.path.join(".")}: ${issue.message}` : messageOf(error);
    const fix = "write it again with: landfall build --commit";
    throw failure("LF3002", { what: `${dnsPath} of the fleet repo cannot be read`, why, fix }, error);
  }
}
