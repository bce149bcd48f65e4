/**
 * From shares to records. What is written into a Lua record is run by the DNS server, so an address that comes from a
 * cluster is used only when it is an IP address or a host name to the letter (`addressKind`).
 */
import { isIPv4, isIPv6 } from "node:net";
import type { Share } from "./answers.ts";
import type { DnsRules, RecordSet } from "./types.ts";

type AddressType = "A" | "AAAA" | "CNAME";

const hostPattern = /^([a-z0-9_]([-a-z0-9_]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const longestName = 253;

/** The type of record that an address makes; undefined for what is no address. */
export function addressType(address: string): AddressType | undefined {
  if (isIPv4(address)) return "A";
  // A zone index (`%eth0`) is none of DNS.
  if (isIPv6(address) && !address.includes("%")) return "AAAA";
  return address.length <= longestName && hostPattern.test(address) ? "CNAME" : undefined;
}

/** The zone that holds a name: the longest of ours. */
export function zoneOf(host: string, zones: string[]): string | undefined {
  const holding = zones.filter((zone) => host === zone || host.endsWith(`.${zone}`));
  return holding.sort((a, b) => b.length - a.length)[0];
}

/** The records of a name that these shares answer. None without shares or outside our zones. */
export function recordsOf(host: string, shares: Share[], rules: DnsRules): RecordSet[] {
  const zone = zoneOf(host, rules.zones);
  const sound = sameKind(shares);
  if (!zone || sound.length === 0) return [];
  const weighted = weightedName(host, zone, rules);
  return weighted
    ? weightedRecords(host, weighted, sound, rules.ttl)
    : plainRecords(host, zone, sound, rules.ttl);
}

/**
 * Where the Lua record of a name is. It is in a zone of its own because external-dns cannot own a Lua record (its
 * registry knows no such type, ADR 0015); the name itself points there. A zone's apex cannot point anywhere.
 */
function weightedName(host: string, zone: string, { weightsZone }: DnsRules): string | undefined {
  if (!weightsZone || host === zone) return undefined;
  const name = `${host.replace(/^\*/, "_any")}.${weightsZone}`;
  return name.length <= longestName ? name : undefined;
}

/** Addresses of one kind, since a CNAME stands alone: the kind that the heaviest share begins with. */
function sameKind(shares: Share[]): Share[] {
  const isName = (address: string) => addressType(address) === "CNAME";
  const sound = byWeight(shares).map((share) => ({
    ...share,
    addresses: share.addresses.filter((address) => addressType(address) !== undefined),
  }));
  const first = sound.flatMap(({ addresses }) => addresses)[0];
  if (first === undefined) return [];
  return sound
    .map((share) => ({ ...share, addresses: share.addresses.filter((a) => isName(a) === isName(first)) }))
    .filter(({ addresses }) => addresses.length > 0);
}

/** The heaviest first; alike ones by name, so that the same facts give the same records. */
function byWeight(shares: Share[]): Share[] {
  return shares.toSorted((a, b) => b.weight - a.weight || (a.cluster < b.cluster ? -1 : 1));
}

/** Without weights the heaviest clusters answer alone, alike ones together. */
function plainRecords(host: string, zone: string, shares: Share[], ttl: number): RecordSet[] {
  const heaviest = shares.filter(({ weight }) => weight === shares[0]?.weight);
  const addresses = [...new Set(heaviest.flatMap((share) => share.addresses))];
  const of = (type: AddressType) => addresses.filter((address) => addressType(address) === type).sort();
  const [canonical] = of("CNAME");
  if (canonical) return host === zone ? [] : [{ name: host, type: "CNAME", ttl, targets: [canonical] }];
  return (["A", "AAAA"] as const)
    .map((type): RecordSet => ({ name: host, type, ttl, targets: of(type) }))
    .filter(({ targets }) => targets.length > 0);
}

function weightedRecords(host: string, weighted: string, shares: Share[], ttl: number): RecordSet[] {
  const targets = (["A", "AAAA", "CNAME"] as const).flatMap((type) => luaOf(type, shares) ?? []);
  return [
    { name: host, type: "CNAME", ttl, targets: [weighted] },
    { name: weighted, type: "LUA", ttl, targets },
  ];
}

/** `A "pickwrandom({{3,'192.0.2.1'},{1,'192.0.2.2'}})"`; a cluster's addresses have its weight together. */
function luaOf(type: AddressType, shares: Share[]): string | undefined {
  const own = shares
    .map(({ weight, addresses }) => ({
      weight,
      addresses: addresses.filter((a) => addressType(a) === type).sort(),
    }))
    .filter(({ addresses }) => addresses.length > 0);
  if (own.length === 0) return undefined;
  const common = own.reduce((product, { addresses }) => leastCommonMultiple(product, addresses.length), 1);
  const picks = own.flatMap(({ weight, addresses }) =>
    addresses.map((address) => `{${(weight * common) / addresses.length},'${address}'}`),
  );
  return `${type} "pickwrandom({${picks.join(",")}})"`;
}

function leastCommonMultiple(a: number, b: number): number {
  const divisor = (x: number, y: number): number => (y === 0 ? x : divisor(y, x % y));
  return (a * b) / divisor(a, b);
}
