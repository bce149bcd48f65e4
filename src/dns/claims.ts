import { type Problem, problem } from "../util/errors.ts";
import type { DnsRoute } from "./types.ts";

export interface Claims {
  /** The routes that answer, by host. A cluster that leads a path of it to another app does not answer for it. */
  kept: Map<string, DnsRoute[]>;
  /** One for each app and cluster that did not get a name. */
  problems: Problem[];
}

/**
 * Whose is each name. Several apps may share one by paths; of two that claim the same path of it, the one whose route is
 * older has it, as Gateway API rules between routes of one cluster (then the one whose name comes first).
 */
export function settleClaims(routes: DnsRoute[]): Claims {
  const kept = new Map<string, DnsRoute[]>();
  const problems: Problem[] = [];
  for (const [host, claims] of grouped(routes, (route) => route.host)) {
    const lost = claims.flatMap((route) => {
      const holder = holderOf(claims, route.path);
      return holder && holder.app !== route.app ? [{ route, holder }] : [];
    });
    // Inside a cluster its gateway decides, by the same rule: a younger rival beside the holder changes nothing there.
    const elsewhere = lost.filter(({ route, holder }) => {
      const there = claims.filter(({ cluster }) => cluster === route.cluster);
      return holderOf(there, route.path)?.app !== holder.app;
    });
    const without = new Set(elsewhere.map(({ route }) => route.cluster));
    const answering = claims.filter(({ cluster }) => !without.has(cluster));
    if (answering.length > 0) kept.set(host, answering);
    problems.push(...lost.map(({ route, holder }) => lostName(route, holder)));
  }
  return { kept, problems };
}

function holderOf(claims: DnsRoute[], path: string): DnsRoute | undefined {
  return claims.filter((claim) => claim.path === path).sort(byAge)[0];
}

function byAge(a: DnsRoute, b: DnsRoute): number {
  const [first, second] = [`${a.since} ${a.app} ${a.cluster}`, `${b.since} ${b.app} ${b.cluster}`];
  return first < second ? -1 : first > second ? 1 : 0;
}

function lostName({ host, path, app, cluster }: DnsRoute, holder: DnsRoute): Problem {
  const name = path === "/" ? host : `${host}${path}`;
  return problem("LF1014", {
    what: `${app} on ${cluster} does not get the name ${name}`,
    why: `${holder.app} on ${holder.cluster} has it since ${holder.since}, and a name is one app's over all clusters`,
    fix: `give one of the two apps another host or path, or remove it from its clusters`,
  });
}

function grouped<T>(items: T[], keyOf: (item: T) => string): [string, T[]][] {
  return [...Map.groupBy(items, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1));
}
