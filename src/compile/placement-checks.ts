import type { AppSpec } from "../model/app.ts";
import type { Company } from "../model/parse.ts";
import { type Problem, problem } from "../util/errors.ts";
import { callsOf } from "./resolve.ts";

type Path = (string | number)[];

/** An app must find what it calls or waits for on its own clusters. */
export function checkPlacement(company: Company, placed: Map<string, string[]>): Problem[] {
  const { apps } = company.spec;
  const sets = new Map([...placed].map(([app, clusters]) => [app, new Set(clusters)]));
  const why = {
    calls: "calls go to the same cluster",
    after: "it would wait forever",
    weights: "its share of the traffic would be lost",
  };
  return [...placed].flatMap(([name, clusters]) =>
    clusters.flatMap((cluster) => {
      const app = company.appOn(name, cluster);
      const away = (other: string) => Object.hasOwn(apps, other) && !sets.get(other)?.has(cluster);
      const needs = { calls: callsOf(name, app), after: app.after, weights: Object.keys(app.weights) };
      const kinds = (["calls", "after", "weights"] as const).filter((kind) => needs[kind].some(away));
      return kinds.flatMap((kind) =>
        needPaths[kind](app, name)
          .filter(([other]) => away(other))
          .map(([other, path]) =>
            problem("LF1013", {
              what: `${name} runs on ${cluster}, where ${other} does not`,
              why: why[kind],
              fix: `place ${other} on ${cluster} too, or ${name} elsewhere`,
              where: company.placeOn(name, cluster, path),
            }),
          ),
      );
    }),
  );
}

/** What an app needs on its cluster, with the key path that says so. */
const needPaths: Record<"calls" | "after" | "weights", (app: AppSpec, name: string) => [string, Path][]> = {
  calls: callPaths,
  after: (app) => app.after.map((other, i) => [other, ["after", i]]),
  weights: (app) => Object.keys(app.weights).map((other) => [other, ["weights", other]]),
};

/** What an app calls with the key path that says so. */
function callPaths(app: AppSpec, name: string): [string, Path][] {
  return callsOf(name, app).map((callee) => {
    const index = app.calls.indexOf(callee);
    if (index >= 0) return [callee, ["calls", index]];
    const isAddress = (value: unknown) =>
      typeof value === "object" && value !== null && (value as { address?: string }).address === callee;
    const key = Object.keys(app.env).find((variable) => isAddress(app.env[variable])) ?? "";
    return [callee, ["env", key]];
  });
}
