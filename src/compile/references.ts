import type { Company } from "../model/parse.ts";
import { type Problem, problem } from "../util/errors.ts";
import { appChecks, missing } from "./app-checks.ts";
import { clusterLabels, isPlaced } from "./resolve.ts";

/** Check every name in the declaration that refers to something else declared there. */
export function checkReferences(company: Company): Problem[] {
  const environments = [undefined, ...Object.keys(company.spec.environments)];
  const problems = environments.flatMap((environment) => {
    const apps = company.appsIn(environment);
    return Object.entries(apps).flatMap(([name, app]) => {
      const place = (path: (string | number)[]) => company.placeIn(environment, ["apps", name, ...path]);
      return appChecks.flatMap((check) => check({ company, environment, name, app, apps, place }));
    });
  });
  problems.push(...clusterChecks(company), ...afterCycles(company));
  return unique(problems);
}

/** The same problem of an app shows up in every environment that does not change it; once is enough. */
function unique(problems: Problem[]): Problem[] {
  const seen = new Map(problems.map((p) => [`${p.code} ${p.what} ${p.where?.path}`, p]));
  return [...seen.values()];
}

function clusterChecks(company: Company): Problem[] {
  return Object.entries(company.spec.clusters).flatMap(([name, spec]) => {
    const where = () => company.declaration.place(["clusters", name, "environment"]);
    const unknown = spec.environment
      ? missing("LF1010", "environment", spec.environment, company.spec.environments, where)
      : [];
    return [...unknown, ...hostClashes(company, name)];
  });
}

/** Two apps on one cluster may share a host name only with different paths. */
function hostClashes(company: Company, cluster: string): Problem[] {
  const spec = company.spec.clusters[cluster];
  if (!spec) return [];
  const labels = clusterLabels(company, spec);
  const taken = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, app] of Object.entries(company.appsIn(spec.environment))) {
    if (!isPlaced(app, cluster, labels)) continue;
    for (const [i, { host, path }] of app.expose.entries()) {
      const first = taken.get(`${host}${path}`);
      taken.set(`${host}${path}`, first ?? name);
      if (first === undefined) continue;
      problems.push(
        problem("LF1014", {
          what: `${first} and ${name} both answer at ${host}${path}`,
          why: `both are placed on ${cluster}`,
          fix: "give one of them another host or path",
          where: company.placeIn(spec.environment, ["apps", name, "expose", i]),
        }),
      );
    }
  }
  return problems;
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
