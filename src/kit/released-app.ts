/** What follows from the release of an app, for whoever renders it and whoever carries it out. */
import { hooksOf } from "../model/app-hooks.ts";
import { analysedRelease } from "../model/app-release.ts";
import type { AppPort, PlacedApp } from "./placed-app.ts";
import { doubled } from "./quantity.ts";

/** The port whose traffic moves: the one its routes lead to, else its first that is not for metrics. */
export function releasedPort({ ports, spec }: Pick<PlacedApp, "ports" | "spec">): AppPort | undefined {
  const named = spec.expose[0]?.port;
  if (named !== undefined) return ports.find(({ name }) => name === named);
  const served = ports.filter(({ name }) => name !== "metrics");
  return served.find(({ protocol }) => protocol !== "tcp") ?? served[0];
}

/**
 * Whether an autoscaler sets how many pods a released app has, which is so for any number but one: while it is released
 * it has two workloads, and no number in a manifest fits both.
 */
export function isReleaseScaled({ spec: { scale } }: Pick<PlacedApp, "spec">): boolean {
  return Math.max(scale.min, scale.max) > 1;
}

/** The memory limit of an app's container, as a quantity. */
export function memoryLimitOf({ spec: { resources } }: Pick<PlacedApp, "spec">): string {
  return resources.memoryLimit ?? doubled(resources.memory);
}

/** Whether a hook of its release is a command, for which a tester must reach it. */
export function isTested({ spec }: Pick<PlacedApp, "spec">): boolean {
  const release = analysedRelease(spec.release);
  return release !== undefined && hooksOf(release.analysis).some(({ command }) => command !== undefined);
}
