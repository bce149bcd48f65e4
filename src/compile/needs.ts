/** What clusters and apps ask of parts: said where it is asked for and no part provides it. */
import type { PlacedApp } from "../kit/placed-app.ts";
import { canaryMetrics, delivery, releaseTester } from "../kit/tokens.ts";
import { hooksOf } from "../model/app-hooks.ts";
import { analysedRelease } from "../model/app-release.ts";
import type { Company } from "../model/parse.ts";
import { type Problem, problem } from "../util/errors.ts";
import { unjudgedRelease } from "./app-release.ts";
import { appTokens } from "./app-tokens.ts";
import type { ResolvedCluster } from "./resolve.ts";
import type { Lookup } from "./wire.ts";

/** Without something that applies the fleet repo, nothing would ever reach the cluster. */
export function clusterNeeds(company: Company, cluster: ResolvedCluster, lookup: Lookup): Problem[] {
  if (lookup(delivery)) return [];
  return [
    problem("LF2001", {
      what: `${cluster.name} needs ${delivery.title}, which no part provides`,
      fix: "add `flux()` to the parts",
      where: company.declaration.place(["parts"]),
    }),
  ];
}

/** What an app asks for that a cluster cannot have by itself, since objects are made by what the part says. */
const mustBeDeclared: ReadonlySet<string> = new Set(["expose", "release"]);

/**
 * An app asks for tokens by what it declares; a missing provider is named where the app asks. A cluster that exists
 * may have its own, which nothing here can see.
 */
export function appNeeds(
  company: Company,
  cluster: ResolvedCluster,
  app: PlacedApp,
  lookup: Lookup,
): Problem[] {
  const { spec, name, declared = name } = app;
  const exists = cluster.spec.type === "kubernetes";
  const unjudged = unjudgedRelease(app, lookup(canaryMetrics) !== undefined);
  const blind: Problem[] = unjudged
    ? [
        problem("LF2001", {
          what: `${declared} has release.${unjudged} and nothing to judge a new version by on ${cluster.name}`,
          why: "neither it nor the gateway there counts its requests, so any version would be promoted",
          fix: "add `metrics` to its ports, or a metric under `release`",
          where: company.declaration.place(["apps", declared, "release"]),
        }),
      ]
    : [];
  const missing = appTokens(spec)
    .filter(({ token }) => lookup(token) === undefined)
    .map(({ key, token }) => ({
      ...problem("LF2001", {
        what: `${declared} needs ${token.title} for its \`${key}\`, which no part provides`,
        fix: `add a part that provides ${token.id}, or ${exists ? `see to it that ${cluster.name} has it` : `remove \`${key}\``}`,
        where: company.declaration.place(["apps", declared, key]),
      }),
      severity: (exists && !mustBeDeclared.has(key) ? "warning" : "error") as Problem["severity"],
    }));
  return [...blind, ...missing, ...untested(company, cluster, app, lookup)];
}

/** Commands of a release that nothing would run. */
function untested(company: Company, cluster: ResolvedCluster, app: PlacedApp, lookup: Lookup): Problem[] {
  const { spec, name, declared = name } = app;
  const release = analysedRelease(spec.release);
  if (!release || lookup(releaseTester)) return [];
  return hooksOf(release.analysis)
    .filter(({ command }) => command !== undefined)
    .map(({ path }) =>
      problem("LF2001", {
        what: `${declared} has a command as release.${[release.strategy, ...path].join(".")} and nothing on ${cluster.name} runs it`,
        why: "a canary controller only asks addresses; a load tester runs commands for it",
        fix: "add `loadTester()` to the parts, or give the hook the `url` of a tester of yours",
        where: company.declaration.place(["apps", declared, "release", release.strategy, ...path]),
      }),
    );
}
