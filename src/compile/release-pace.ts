/** Whether a release is looked at no faster than there is something to see: said at compile time, for each cluster. */
import type { PlacedApp } from "../kit/placed-app.ts";
import { metricsStore } from "../kit/tokens.ts";
import { type AnalysedRelease, analysedRelease } from "../model/app-release.ts";
import type { Company } from "../model/parse.ts";
import { milliseconds } from "../util/durations.ts";
import { type Problem, problem } from "../util/errors.ts";
import type { ResolvedCluster } from "./resolve.ts";
import type { Lookup } from "./wire.ts";

/**
 * A rate needs two scrapes. A check without a value counts as failed, so where fewer than `threshold` checks fit into
 * the time of two scrapes a good version is well; else it is rolled back before there is anything to judge it by.
 */
export function hastyRelease(
  company: Company,
  cluster: ResolvedCluster,
  { spec, name, declared = name }: PlacedApp,
  lookup: Lookup,
): Problem[] {
  // Most apps have none, and there may be hundreds of thousands of placements.
  const release = analysedRelease(spec.release);
  if (!release || !countsRequests(release)) return [];
  const store = lookup(metricsStore);
  if (!store) return [];
  const { interval, threshold, window } = release.analysis;
  const [scrape, two] = [seconds(store.scrapeMs), seconds(2 * store.scrapeMs)];
  const often = `${cluster.name} scrapes every ${scrape}`;
  const told = (key: string, what: string, why: string, fix: string) =>
    problem("LF1016", {
      ...{ what, why, fix },
      where: company.declaration.place(["apps", declared, "release", release.strategy, key]),
    });
  const problems: Problem[] = [];
  if (milliseconds(window) < 2 * store.scrapeMs)
    problems.push(
      told(
        "window",
        `${declared} is judged by the last ${window}, and ${often}`,
        "a rate needs two scrapes, so no check would ever find a value, and each would count as failed",
        `make \`window\` ${two} or more, or scrape more often`,
      ),
    );
  if (milliseconds(interval) * threshold < 2 * store.scrapeMs)
    problems.push(
      told(
        "interval",
        `${declared} is rolled back after ${threshold === 1 ? "one failed check" : `${threshold} failed checks`} ${interval} apart, and ${often}`,
        `the first values of a new version are there after ${two}; until then checks find none and count as failed, so any version would be rolled back`,
        `make \`interval\` times \`threshold\` ${two} or more, or scrape more often`,
      ),
    );
  return problems;
}

/** Whether rates of requests decide: a custom query may be content with one sample. */
function countsRequests({ strategy, analysis }: AnalysedRelease): boolean {
  const { errorRate, latencyP99 } = analysis.metrics;
  const asked = strategy !== "blueGreen" || analysis.loadTest !== undefined;
  return asked && !analysis.skipAnalysis && (errorRate !== false || latencyP99 !== false);
}

const seconds = (ms: number) => `${Math.ceil(ms / 1000)}s`;
