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

/** The server's own answers. Each throws when it does not answer. */
export interface Answers {
  /** Who signed a record; undefined where nobody has. */
  signerOf(name: string, type: string): Promise<string | undefined>;
  isThere(name: string): Promise<boolean>;
}

const patience = { timeout: 1000, tries: 2 };
const atOnce = 50;
const signedTypes: string[] = ["A", "AAAA", "CNAME"];

/** The names that somebody else holds. `ours` remembers the records that were found to be signed by us. */
export async function foreignNames(
  names: WantedName[],
  answers: Answers,
  owner: string,
  ours: Set<string>,
): Promise<Problem[]> {
  const wanted = names.flatMap(({ host, records }) => records.filter(({ name }) => name === host));
  const open = wanted.filter(({ name, type }) => !name.startsWith("*") && !ours.has(`${type} ${name}`));
  const found = await Promise.all(
    open.slice(0, atOnce).map(async ({ name, type }) => {
      const signers = await Promise.all(signedTypes.map((signed) => answers.signerOf(name, signed)));
      if (signers[signedTypes.indexOf(type)] === owner) ours.add(`${type} ${name}`);
      // One of another type that is ours is on its way out.
      if (signers.includes(owner)) return [];
      const signer = signers.find(Boolean);
      return signer !== undefined || (await answers.isThere(name)) ? foreign(name, signer) : [];
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

/** Ask this server, and nobody's cache. Undefined where its address is not known. */
export async function answersOf({ host, port }: DnsAsk["server"]): Promise<Answers | undefined> {
  const address = isIP(host) ? host : (await lookup(host).catch(() => undefined))?.address;
  if (!address) return undefined;
  const resolver = new Resolver(patience);
  resolver.setServers([isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`]);
  const orNone = <T>(asked: Promise<T[]>) =>
    asked.catch((error: NodeJS.ErrnoException): T[] => {
      if (error.code === "ENOTFOUND" || error.code === "ENODATA") return [];
      throw error;
    });
  return {
    signerOf: async (name, type) => {
      const texts = await orNone(resolver.resolveTxt(`${type.toLowerCase()}-${name}`));
      return texts.map((parts) => /external-dns\/owner=([^,"]+)/.exec(parts.join(""))?.[1]).find(Boolean);
    },
    isThere: async (name) => {
      const asked = [resolver.resolve4(name), resolver.resolve6(name), resolver.resolveCname(name)];
      return (await Promise.all(asked.map(orNone))).flat().length > 0;
    },
  };
}
