/**
 * Who holds the wanted names. external-dns leaves a record alone that it has not signed, and says nothing of it; here its
 * signatures are read, so that the loser is told.
 */
import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import type { WantedName } from "../../dns/wanted.ts";
import { type Problem, problem } from "../../util/errors.ts";

export interface DnsAsk {
  /** Whom our records are signed by. */
  owner: string;
  server: { host: string; port: number };
}

const patience = { timeout: 1000, tries: 2 };
const atOnce = 50;

/**
 * The names that somebody else holds, by asking the server. `ours` remembers those that were found to be signed by us.
 * A server that does not answer says nothing about any name.
 */
export async function foreignNames(names: WantedName[], ask: DnsAsk, ours: Set<string>): Promise<Problem[]> {
  const wanted = names.flatMap(({ host, records }) => records.filter(({ name }) => name === host));
  const open = wanted
    .filter(({ name, type }) => !name.startsWith("*") && !ours.has(`${type} ${name}`))
    .slice(0, atOnce);
  if (open.length === 0) return [];
  const resolver = await resolverAt(ask.server);
  if (!resolver) return [];
  const found = await Promise.all(
    open.map(async ({ name, type }) => {
      const signer = await signerOf(resolver, name, type);
      if (signer === ask.owner) ours.add(`${type} ${name}`);
      else if (signer !== undefined || (await isThere(resolver, name))) return foreign(name, signer);
      return [];
    }),
  );
  return found.flat();
}

function foreign(name: string, signer: string | undefined): Problem {
  return problem("LF6004", {
    what: `${name} is somebody else's record, so it is left as it is`,
    why: signer ? `it is signed by ${signer}` : "nobody signed it",
    fix: "remove that record where it is kept, or give the app another host",
  });
}

async function resolverAt({ host, port }: DnsAsk["server"]): Promise<Resolver | undefined> {
  const address = isIP(host) ? host : (await lookup(host).catch(() => undefined))?.address;
  if (!address) return undefined;
  const resolver = new Resolver(patience);
  resolver.setServers([isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`]);
  return resolver;
}

/** The owner in a record's signature: `a-shop.example.com TXT "heritage=external-dns,external-dns/owner=…"`. */
async function signerOf(resolver: Resolver, name: string, type: string): Promise<string | undefined> {
  const texts = await resolver.resolveTxt(`${type.toLowerCase()}-${name}`).catch((): string[][] => []);
  return texts.map((parts) => /external-dns\/owner=([^,"]+)/.exec(parts.join(""))?.[1]).find(Boolean);
}

async function isThere(resolver: Resolver, name: string): Promise<boolean> {
  const asked = [resolver.resolve4(name), resolver.resolve6(name), resolver.resolveCname(name)];
  return (await Promise.allSettled(asked)).some(({ status }) => status === "fulfilled");
}
