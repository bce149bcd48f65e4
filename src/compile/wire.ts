import type { AnyPart, PartContext } from "../kit/part.ts";
import type { Need } from "../kit/token.ts";
import type { Company } from "../model/parse.ts";
import { problemsOf } from "../model/issues.ts";
import { didYouMean } from "../util/did-you-mean.ts";
import { type Problem, problem } from "../util/errors.ts";
import type { ResolvedCluster } from "./resolve.ts";

export type Registry = Readonly<Record<string, AnyPart>>;

/** A part with its options parsed, before needs are known. */
export interface ChosenPart {
  definition: AnyPart;
  options: unknown;
}

/** A part whose needs are resolved on one cluster. */
export interface WiredPart {
  definition: AnyPart;
  context: PartContext<unknown, Record<string, unknown>>;
  /** Ids of the parts whose tokens it needs. */
  after: string[];
}

/** The tokens of one cluster with the values provided, by token id. */
export type Provided = ReadonlyMap<string, { by: string; value: unknown }>;

/** Look the declared parts up and parse their options. */
export function chooseParts(company: Company, registry: Registry): { chosen: ChosenPart[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const chosen: ChosenPart[] = [];
  for (const [id, tree] of Object.entries(company.spec.parts)) {
    const definition = registry[id];
    if (!definition) {
      const near = didYouMean(id, Object.keys(registry));
      const fix = near ? `did you mean ${near}?` : `the parts are ${Object.keys(registry).join(", ")}`;
      problems.push(problem("LF1007", { what: `there is no part named ${id}`, fix, where: company.declaration.place(["parts", id]) }));
      continue;
    }
    const parsed = definition.options.strict().safeParse(tree);
    if (parsed.success) chosen.push({ definition, options: parsed.data });
    else problems.push(...problemsOf(definition.options, parsed.error.issues, ["parts", id], company.declaration.place));
  }
  return { chosen, problems };
}

/** Check that each need has exactly one provider, and order the parts so that providers come first. */
export function orderParts(company: Company, chosen: ChosenPart[]): { order: ChosenPart[]; problems: Problem[] } {
  const providers = new Map<string, string>();
  const problems: Problem[] = [];
  const at = (id: string) => company.declaration.place(["parts", id]);
  for (const { definition } of chosen) {
    for (const { token } of definition.provides ?? []) {
      const first = providers.get(token.id);
      if (!first) providers.set(token.id, definition.id);
      else {
        const what = `${first} and ${definition.id} both provide ${token.title}`;
        problems.push(problem("LF2003", { what, fix: "remove one of them", where: at(definition.id) }));
      }
    }
  }
  const byId = new Map(chosen.map((part) => [part.definition.id, part]));
  const order: ChosenPart[] = [];
  const visit = (part: ChosenPart, trail: string[]): void => {
    const id = part.definition.id;
    const start = trail.indexOf(id);
    if (start >= 0) {
      const cycle = [...trail.slice(start), id].join(" → ");
      problems.push(problem("LF2002", { what: `parts need each other: ${cycle}`, fix: "make one of the needs optional", where: at(id) }));
    }
    if (start >= 0 || order.includes(part)) return;
    for (const need of Object.values(part.definition.needs ?? {})) {
      const provider = byId.get(providers.get(tokenOf(need).id) ?? "");
      if (provider) visit(provider, [...trail, id]);
      else if (need.kind === "token") problems.push(unmet(id, need, at(id)));
    }
    if (!order.includes(part)) order.push(part);
  };
  for (const part of chosen) visit(part, []);
  return { order, problems };
}

function unmet(id: string, need: Need, where: Problem["where"]): Problem {
  return problem("LF2001", {
    what: `${id} needs ${tokenOf(need).title}, which no part provides`,
    fix: `add a part that provides ${tokenOf(need).id}; \`landfall parts --provides ${tokenOf(need).id}\` lists them`,
    ...(where && { where }),
  });
}

function tokenOf(need: Need) {
  return need.kind === "token" ? need : need.token;
}

/** Give each part its context on one cluster: needs resolved in order, contributions collected before rendering. */
export function wireCluster(
  company: Company,
  cluster: ResolvedCluster,
  order: ChosenPart[],
): { parts: WiredPart[]; provided: Provided } {
  const provided = new Map<string, { by: string; value: unknown }>();
  const wired: WiredPart[] = [];
  const collections = new Map<string, unknown[]>();
  for (const { definition, options } of order) {
    const needs: Record<string, unknown> = {};
    const after: string[] = [];
    for (const [key, need] of Object.entries(definition.needs ?? {})) {
      const found = provided.get(tokenOf(need).id);
      needs[key] = found?.value;
      if (found) after.push(found.by);
    }
    const context = contextOf(company, cluster, definition, options, needs, collections);
    for (const { token, value } of definition.provides ?? []) {
      provided.set(token.id, { by: definition.id, value: value(context as never) });
    }
    wired.push({ definition, context, after });
  }
  for (const { definition, context } of wired) {
    for (const { collection, items } of definition.contributes ?? []) {
      const known = collections.get(collection.id) ?? [];
      collections.set(collection.id, [...known, ...items(context as never)]);
    }
  }
  return { parts: wired, provided };
}

function contextOf(
  company: Company,
  cluster: ResolvedCluster,
  definition: AnyPart,
  options: unknown,
  needs: Record<string, unknown>,
  collections: Map<string, unknown[]>,
): WiredPart["context"] {
  const { company: name, domain, fleet } = company.spec;
  return {
    company: { name, domain },
    cluster: {
      name: cluster.name,
      type: cluster.spec.type,
      environment: cluster.environment,
      labels: cluster.labels,
      urlOf: (host) => urlOf(cluster, host),
    },
    namespace: definition.namespace ?? definition.id,
    options,
    needs,
    apps: cluster.apps,
    fleet: { url: fleet.url, branch: fleet.branch, secret: fleet.secret },
    collected: <T>(from: { id: string }) => (collections.get(from.id) ?? []) as T[],
  };
}

function urlOf(cluster: ResolvedCluster, host: string): string {
  return cluster.spec.type === "local" ? `http://${host}:${cluster.spec.ports.http}` : `https://${host}`;
}
