import type { Company } from "../model/parse.ts";
import { type Problem, problem } from "../util/errors.ts";
import { appChecks, missing } from "./app-checks.ts";
import { checkPlacement } from "./placement-checks.ts";
import { placements } from "./resolve.ts";
import { checkWaves } from "./waves.ts";

/** Check every name in the declaration that refers to something else declared there. */
export function checkReferences(company: Company): Problem[] {
  const { apps } = company.spec;
  const problems = Object.keys(apps).flatMap((name) =>
    company
      .viewsOf(name)
      .flatMap(({ spec: app, place }) =>
        appChecks.flatMap((check) => check({ company, name, app, apps, place })),
      ),
  );
  const placed = placements(company);
  problems.push(
    ...clusterChecks(company),
    ...hostClashes(company, placed),
    ...checkPlacement(company, placed),
    ...checkWaves(company),
    ...renames(company),
    ...afterCycles(company),
  );
  return unique(problems);
}

/** The same problem of an app shows up on every cluster that does not change it; once is enough. */
function unique(problems: Problem[]): Problem[] {
  const seen = new Map(problems.map((p) => [`${p.code} ${p.what} ${p.where?.path}`, p]));
  return [...seen.values()];
}

function clusterChecks(company: Company): Problem[] {
  const { clusters, environments, overlays } = company.spec;
  const { place } = company.declaration;
  const known = (environment: string | undefined, path: (string | number)[]) =>
    environment === undefined
      ? []
      : missing("LF1010", "environment", environment, environments, () => place(path));
  return [
    ...Object.entries(clusters).flatMap(([name, { environment }]) =>
      known(environment, ["clusters", name, "environment"]),
    ),
    ...overlays.flatMap(({ where }, i) => known(where.environment, ["overlays", i, "where", "environment"])),
  ];
}

/** Two apps on one cluster may share a host name only with different paths. */
function hostClashes(company: Company, placed: Map<string, string[]>): Problem[] {
  const taken = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, clusters] of placed) {
    for (const cluster of clusters) {
      for (const [i, { host, path }] of company.appOn(name, cluster).expose.entries()) {
        const key = `${cluster} ${host}${path}`;
        const first = taken.get(key);
        taken.set(key, first ?? name);
        if (first === undefined) continue;
        problems.push(
          problem("LF1014", {
            what: `${first} and ${name} both answer at ${host}${path}`,
            why: `both are placed on ${cluster}`,
            fix: "give one of them another host or path",
            where: company.placeOn(name, cluster, ["expose", i]),
          }),
        );
      }
    }
  }
  return problems;
}

/** A rename leads to an app that exists, from a name that nothing has any more. */
function renames({ spec, declaration }: Company): Problem[] {
  return spec.moved.flatMap(({ from, to }, i) => {
    const where = () => declaration.place(["moved", i]);
    if (!Object.hasOwn(spec.apps, from)) return missing("LF1005", "app", to, spec.apps, where);
    const what = `${from} was renamed to ${to} and is declared all the same`;
    return [problem("LF1016", { what, fix: "remove the entry under `moved`, or the app", where: where() })];
  });
}

/** `after` must not lead back; each cycle is named once, as a → b → a. */
function afterCycles(company: Company): Problem[] {
  const apps = company.spec.apps;
  const done = new Set<string>();
  const problems: Problem[] = [];
  const visit = (name: string, trail: string[]): void => {
    const start = trail.indexOf(name);
    if (start >= 0) {
      const cycle = [...trail.slice(start), name].join(" → ");
      const where = company.declaration.place(["apps", name, "after"]);
      problems.push(
        problem("LF2008", {
          what: `apps wait for each other: ${cycle}`,
          fix: "remove one `after`; `calls` may be cyclic, waiting may not",
          where,
        }),
      );
    }
    if (start >= 0 || done.has(name)) return;
    for (const next of apps[name]?.after ?? []) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of Object.keys(apps)) visit(name, []);
  return problems;
}
