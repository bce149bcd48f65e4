/**
 * Waivers of apps: rules of the policy set that an app does not keep, each with a reason and a last day. Who asks gives
 * the day, so that a Plan is the same for the same declaration and day.
 */
import type { AppSpec } from "../model/app.ts";
import type { Company } from "../model/parse.ts";
import { counted } from "../util/counted.ts";
import { didYouMean } from "../util/did-you-mean.ts";
import { type Place, type Problem, problem } from "../util/errors.ts";
import type { Bundle } from "./plan.ts";
import { policies, policyOf } from "./policies/index.ts";

/** Which of its waived rules each app breaks somewhere, by app; apps that run nowhere are absent. */
export type UsedWaivers = ReadonlyMap<string, ReadonlySet<string>>;

type Waiver = AppSpec["waive"][number];
/** A profile of Pod Security, the strictest first. */
export type Profile = "restricted" | "baseline" | "privileged";

/** How many days before its end a waiver is told of. */
const noticeDays = 14;

/** Waivers of rules that do not exist. */
export function unknownRules(waive: Waiver[], place: (index: number) => Place): Problem[] {
  const ids = policies.map(({ id }) => id);
  return waive.flatMap(({ rule }, i) => {
    if (policyOf(rule)) return [];
    const near = didYouMean(rule, ids);
    return problem("LF2009", {
      what: `there is no policy named ${rule}`,
      why: "a waiver that lets nothing off looks like one that does; docs/policies.md lists the rules",
      fix: near ? `did you mean ${near}?` : "remove the waiver",
      where: place(i),
    });
  });
}

/** A ledger of the waivers that these apps make use of. */
export function waiverLedger(apps: Iterable<string>): {
  used: UsedWaivers;
  use: (bundle: Pick<Bundle, "kind" | "owner">, rule: string) => void;
} {
  const used = new Map([...apps].map((name) => [name, new Set<string>()]));
  return { used, use: ({ kind, owner }, rule) => kind === "app" && used.get(owner)?.add(rule) };
}

/**
 * What is to be said of the waivers of all apps on a day (`2027-01-31`): those that ended, that end soon, that nothing
 * needs, and that loosen a namespace for others.
 */
export function waiverProblems(company: Company, used: UsedWaivers, today: string): Problem[] {
  return [...ownProblems(company, used, today), ...sharedNamespaces(company, used)];
}

function ownProblems(company: Company, used: UsedWaivers, today: string): Problem[] {
  return Object.entries(company.spec.apps).flatMap(([name, { waive }]) => {
    const needed = used.get(name);
    if (!needed) return [];
    return waive.flatMap((waiver, i) => {
      const where = company.declaration.place(["apps", name, "waive", i]);
      return needed.has(waiver.rule) ? ending(name, waiver, today, where) : [unused(name, waiver, where)];
    });
  });
}

/** Pod Security judges whole namespaces: who shares one with an app that waives its rules is let off as well. */
function sharedNamespaces({ spec, declaration }: Company, used: UsedWaivers): Problem[] {
  const profileOf = (name: string) => profileFor(spec.apps[name]?.waive.map(({ rule }) => rule) ?? []);
  const namespaceOf = (name: string) => spec.apps[name]?.namespace ?? spec.company;
  const names = Object.keys(spec.apps).filter((name) => used.has(name));
  const waiving = names.filter((name) => profileOf(name) !== "restricted");
  return waiving.flatMap((name) => {
    const [namespace, profile] = [namespaceOf(name), profileOf(name)];
    const others = names.filter(
      (other) => namespaceOf(other) === namespace && looser(profileOf(other), profile) !== profileOf(other),
    );
    if (others.length === 0) return [];
    const shown = `${others.slice(0, 3).join(", ")}${others.length > 3 ? ` and ${others.length - 3} more` : ""}`;
    const shared = problem("LF2013", {
      what: `${name}'s waivers make the namespace ${namespace} ${profile}, also for ${shown}`,
      why: "the API server holds all pods of a namespace to one profile of Pod Security",
      fix: `give ${name} a namespace of its own: \`namespace: ${name}\``,
      where: declaration.place(["apps", name, "waive"]),
    });
    return [{ ...shared, severity: "warning" as const }];
  });
}

function ending(app: string, { rule, until }: Waiver, today: string, where: Place): Problem[] {
  const left = daysBetween(today, until);
  if (left > noticeDays) return [];
  const fix = `keep the policy (${policyOf(rule)?.fix}), or give a reason for a later day`;
  if (left < 0) {
    const what = `${app}'s waiver of ${rule} ended on ${until}`;
    return [problem("LF2010", { what, why: "since then the policy counts again", fix, where })];
  }
  const when = left === 0 ? "today" : `in ${counted(left, "day")}, on ${until}`;
  const what = `${app}'s waiver of ${rule} ends ${when}`;
  return [
    { ...problem("LF2011", { what, why: "from then on the check fails", fix, where }), severity: "warning" },
  ];
}

function unused(app: string, { rule }: Waiver, where: Place): Problem {
  const what = `${app} waives ${rule}, which it keeps on every cluster`;
  const why = "it would hide the day on which it is broken";
  return { ...problem("LF2011", { what, why, fix: "remove the waiver", where }), severity: "warning" };
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** Today where this machine is, as a waiver's end is written. */
export function localToday(): string {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The strictest profile of Pod Security that admits pods which do not keep these rules. */
export function profileFor(rules: readonly string[]): Profile {
  const profiles = rules.map((rule) => policyOf(rule)?.profile);
  if (profiles.includes("baseline")) return "privileged";
  return profiles.includes("restricted") ? "baseline" : "restricted";
}

const order: Profile[] = ["restricted", "baseline", "privileged"];

/** The looser of two profiles. */
export function looser(a: Profile, b: Profile): Profile {
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}
