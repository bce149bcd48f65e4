import { failure } from "../../util/errors.ts";
import { run } from "./run.ts";

/** An IPv4 range as its first address (a number) and prefix length. */
export interface Range {
  base: number;
  prefix: number;
}

/** Where landfall takes its /30 ranges from. */
export const pool: Range = { base: parseAddress("10.201.0.0"), prefix: 16 };

function parseAddress(text: string): number {
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Dotted form of an address. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** `10.0.0.0/8`, or a single address, as a range; undefined for anything else (`default`, IPv6). */
export function parseRange(text: string): Range | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?$/.exec(text);
  if (!match?.[1]) return undefined;
  const prefix = Number(match[2] ?? 32);
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(parseAddress(match[1]) / size) * size, prefix };
}

function overlaps(a: Range, b: Range): boolean {
  return a.base < b.base + 2 ** (32 - b.prefix) && b.base < a.base + 2 ** (32 - a.prefix);
}

/** The first /30 of the pool that touches none of the taken ranges. A route wider than the pool does not count. */
export function chooseRange(taken: Range[]): Range | undefined {
  const near = taken.filter((range) => range.prefix > pool.prefix && overlaps(range, pool));
  for (let base = pool.base; base < pool.base + 2 ** (32 - pool.prefix); base += 4) {
    const range = { base, prefix: 30 };
    if (!near.some((other) => overlaps(range, other))) return range;
  }
  return undefined;
}

/** Ranges that the host's addresses and routes (of every table) use. */
export async function takenRanges(): Promise<Range[]> {
  const [addresses, routes] = await Promise.all([
    run("ip", ["-json", "-4", "address", "show"]),
    run("ip", ["-json", "-4", "route", "show", "table", "all"]),
  ]);
  const links = JSON.parse(addresses.stdout || "[]") as {
    addr_info?: { local?: string; prefixlen?: number }[];
  }[];
  const entries = JSON.parse(routes.stdout || "[]") as { dst?: string }[];
  const texts = [
    ...links.flatMap((link) => (link.addr_info ?? []).map((a) => `${a.local}/${a.prefixlen}`)),
    ...entries.map((route) => route.dst ?? ""),
  ];
  return texts.map(parseRange).filter((range) => range !== undefined);
}

/** A free /30 for one cluster: the host's end and the node's end. LF4010 when there is none. */
export async function chooseAddresses(alsoTaken: Range[]): Promise<{ hostIp: string; nodeIp: string }> {
  const range = chooseRange([...(await takenRanges()), ...alsoTaken]);
  if (!range) {
    throw failure("LF4010", {
      what: "no free address range for the cluster's link to the host",
      why: `every /30 of ${formatAddress(pool.base)}/${pool.prefix} is used by an address or route of this machine`,
      fix: "remove a cluster (`landfall down`) or the routes that cover this range",
    });
  }
  return { hostIp: formatAddress(range.base + 1), nodeIp: formatAddress(range.base + 2) };
}
