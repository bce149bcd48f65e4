import type { AnyPart, ClusterFacts, PartContext } from "../kit/part.ts";
import type { Need, Token } from "../kit/token.ts";
import { problemsOf } from "../model/issues.ts";
import type { Company } from "../model/parse.ts";
import { didYouMean } from "../util/did-you-mean.ts";
import { failure, type LandfallError, type Problem, problem } from "../util/errors.ts";
import type { ResolvedCluster } from "./resolve.ts";

export type Registry = Readonly<Record<string, AnyPart>>;

/** A part with its options parsed, before needs are known. */
export interface ChosenPart {
  definition: AnyPart;
  options: unknown;
}

/** A part with its context on one cluster. */
export interface WiredPart {
  definition: AnyPart;
  context: PartContext<unknown, Record<string, unknown>>;
}

/** Looks a token's value up on one cluster; undefined where no part provides it. */
export type Lookup = <T>(token: Token<T>) => T | undefined;

/** Look the declared parts up and parse their options. */
export function chooseParts(
  company: Company,
  registry: Registry,
): { chosen: ChosenPart[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const chosen: ChosenPart[] = [];
  for (const [id, tree] of Object.entries(company.spec.parts)) {
    const definition = registry[id];
    if (!definition) {
      const near = didYouMean(id, Object.keys(registry));
      const fix = near ? `did you mean ${near}?` : `the parts are ${Object.keys(registry).join(", ")}`;
      problems.push(
        problem("LF1007", {
          what: `there is no part named ${id}`,
          fix,
          where: company.declaration.place(["parts", id]),
        }),
      );
      continue;
    }
    const parsed = definition.options.strict().safeParse(tree);
    if (parsed.success) chosen.push({ definition, options: parsed.data });
    else {
      const { place } = company.declaration;
      const checked = { schema: definition.options, value: tree, base: ["parts", id], place };
      problems.push(...problemsOf(checked, parsed.error.issues));
    }
  }
  return { chosen, problems };
}

/** Check that each token has one provider at most, and each need that is not optional has one. */
export function checkNeeds(company: Company, chosen: ChosenPart[]): Problem[] {
  const providers = new Map<string, string>();
  const problems: Problem[] = [];
  const at = (id: string) => company.declaration.place(["parts", id]);
  for (const { definition } of chosen) {
    for (const { token } of definition.provides ?? []) {
      const first = providers.get(token.id);
      providers.set(token.id, first ?? definition.id);
      if (first === undefined) continue;
      const what = `${first} and ${definition.id} both provide ${token.title}`;
      problems.push(problem("LF2003", { what, fix: "remove one of them", where: at(definition.id) }));
    }
  }
  const unmetNeeds = chosen.flatMap(({ definition: { id, needs = {} } }) =>
    Object.values(needs)
      .filter((need) => need.kind === "token" && !providers.has(need.id))
      .map((need) => unmet(id, need, at(id))),
  );
  return [...problems, ...unmetNeeds];
}

function unmet(id: string, need: Need, where: Problem["where"]): Problem {
  return problem("LF2001", {
    what: `${id} needs ${tokenOf(need).title}, which no part provides`,
    fix: `add a part that provides the token ${tokenOf(need).id}; docs/parts.md lists them`,
    ...(where && { where }),
  });
}

function tokenOf(need: Need) {
  return need.kind === "token" ? need : need.token;
}

/**
 * Give each part its context on one cluster. Values are computed when they are first asked for, so parts may need
 * each other as long as no value needs itself; where one does, the cycle is named as a → b → a.
 */
export function wireCluster(
  company: Company,
  cluster: ResolvedCluster,
  chosen: ChosenPart[],
): { parts: WiredPart[]; lookup: Lookup } {
  const values = new Map<string, unknown>();
  const trail: { token: string; part: string }[] = [];
  const parts: WiredPart[] = [];

  const lookup: Lookup = <T>(token: Token<T>) => {
    if (values.has(token.id)) return values.get(token.id) as T;
    const provider = parts.find(({ definition }) =>
      definition.provides?.some((p) => p.token.id === token.id),
    );
    if (!provider) return undefined;
    const step = { token: token.id, part: provider.definition.id };
    const start = trail.findIndex((earlier) => earlier.token === token.id);
    if (start >= 0)
      throw cycle(
        company,
        [...trail.slice(start), step].map(({ part }) => part),
      );
    trail.push(step);
    const provision = provider.definition.provides?.find((p) => p.token.id === token.id);
    const value = provision?.value(provider.context as never) as T;
    trail.pop();
    values.set(token.id, value);
    return value;
  };
  const collected = (from: { id: string }) =>
    parts.flatMap(({ definition, context }) =>
      (definition.contributes ?? [])
        .filter(({ collection }) => collection.id === from.id)
        .flatMap(({ items }) => items(context as never)),
    );
  for (const part of chosen)
    parts.push({
      definition: part.definition,
      context: contextOf(company, cluster, part, lookup, collected),
    });
  return { parts, lookup };
}

function cycle(company: Company, ids: string[]): LandfallError {
  return failure("LF2002", {
    what: `parts need each other: ${ids.join(" → ")}`,
    fix: "make one of the values independent of the other part",
    where: company.declaration.place(["parts", ids[0] ?? ""]),
  });
}

/** Needs as properties that are looked up when they are read. */
function lazyNeeds(needs: Record<string, Need>, lookup: Lookup): Record<string, unknown> {
  const lazy = {};
  for (const [key, need] of Object.entries(needs)) {
    Object.defineProperty(lazy, key, { enumerable: true, get: () => lookup(tokenOf(need)) });
  }
  return lazy;
}

function contextOf(
  company: Company,
  cluster: ResolvedCluster,
  { definition, options }: ChosenPart,
  lookup: Lookup,
  collected: (from: { id: string }) => unknown[],
): WiredPart["context"] {
  const { company: name, domain, fleet } = company.spec;
  return {
    company: { name, domain },
    cluster: factsOf(cluster),
    namespace: definition.namespace ?? definition.id,
    options,
    needs: lazyNeeds(definition.needs ?? {}, lookup),
    apps: cluster.apps,
    // Clusters of this machine are handed the commits; only others fetch them from the Git host.
    fleet: {
      url: cluster.spec.type === "local" ? undefined : fleet.url,
      branch: fleet.branch,
      secret: fleet.secret,
    },
    collected: <T>(from: { id: string }) => collected(from) as T[],
  };
}

/** What parts see of a cluster. */
export function factsOf({ name, environment, labels, spec }: ResolvedCluster): ClusterFacts {
  const port = spec.type === "local" ? spec.ports.http : 443;
  const urlOf = (host: string) => (spec.type === "local" ? `http://${host}:${port}` : `https://${host}`);
  return { name, type: spec.type, environment, labels, urlOf };
}
