import { dnsZone } from "../kit/tokens.ts";
import type { Company } from "../model/parse.ts";
import { type Problem, problem } from "../util/errors.ts";
import { nameHint } from "../util/known-name.ts";
import type { ClusterPlan } from "./plan.ts";
import type { ChosenPart } from "./wire.ts";

/** An app's claim of one path of a name on one cluster. */
interface Claim {
  host: string;
  path: string;
  cluster: string;
  /** As declared. */
  app: string;
  index: number;
}

/**
 * Names that clusters share in DNS: somebody must share them out, and one app alone may have each. What two apps of one
 * cluster claim is found elsewhere.
 */
export function nameProblems(company: Company, plans: ClusterPlan[], parts: ChosenPart[]): Problem[] {
  const zoned = plans.filter((plan) => plan.dnsZone !== undefined);
  const { hub, zones = [] } = zoned[0]?.dnsZone ?? {};
  const writer = parts.find(({ definition }) =>
    definition.provides?.some(({ token }) => token.id === dnsZone.id),
  );
  if (hub && !plans.some(({ name }) => name === hub)) {
    const where = company.declaration.place(["parts", writer?.definition.id ?? "", "hub"]);
    const known = plans.map(({ name }) => name);
    return [
      problem("LF1006", { what: `there is no cluster named ${hub}`, fix: nameHint(hub, known), where }),
    ];
  }
  const byHost = Map.groupBy(claimsOf(zoned, zones), ({ host }) => host);
  return [...byHost.values()].flatMap((claims) => problemOf(company, claims, hub) ?? []);
}

function claimsOf(plans: ClusterPlan[], zones: string[]): Claim[] {
  const isOurs = (host: string) => zones.some((zone) => host === zone || host.endsWith(`.${zone}`));
  return plans.flatMap(({ name: cluster, apps }) =>
    apps.flatMap(({ name, declared: app = name, spec }) =>
      spec.expose.flatMap(({ host, path }, index) =>
        isOurs(host) ? [{ host, path, cluster, app, index }] : [],
      ),
    ),
  );
}

function problemOf(company: Company, claims: Claim[], hub: string | undefined): Problem | undefined {
  const placeOf = ({ app, cluster, index }: Claim) => company.placeOn(app, cluster, ["expose", index]);
  const [first] = claims;
  const elsewhere = claims.find(({ cluster }) => cluster !== first?.cluster);
  if (first && elsewhere && !hub) {
    return problem("LF1016", {
      what: `${first.host} is on ${first.cluster} and on ${elsewhere.cluster}, and nothing shares it out`,
      why: "each cluster would write its own records, and the second one's would be skipped",
      fix: `let one cluster write all records: add hub: ${first.cluster} to the part that writes them`,
      where: placeOf(elsewhere),
    });
  }
  for (const claim of claims) {
    const rival = claims.find(
      ({ path, app, cluster }) => path === claim.path && app !== claim.app && cluster !== claim.cluster,
    );
    if (!rival) continue;
    return problem("LF1014", {
      what: `${claim.app} and ${rival.app} both answer at ${claim.host}${claim.path}`,
      why: `${claim.app} on ${claim.cluster}, ${rival.app} on ${rival.cluster}: DNS would lead some people to the one and some to the other`,
      fix: "give one of them another host or path",
      where: placeOf(rival),
    });
  }
  return undefined;
}
