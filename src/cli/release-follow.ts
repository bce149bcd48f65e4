import { releaseAlerts } from "../platform/release/alerts.ts";
import { type Look, lookAround, runEngine } from "../platform/release/engine.ts";
import type { OpenReleases } from "../platform/release/engine-open.ts";
import { engineIdentity } from "../platform/release/engine-who.ts";
import type { Extras, MetricSeen } from "../platform/release/view.ts";
import { canaryMetrics } from "../platform/release/view-metrics.ts";
import type { Release } from "../release/index.ts";
import type { Chosen, ReleaseScreen } from "./release-screen.ts";

export interface FollowOptions {
  screen: ReleaseScreen;
  signal: AbortSignal;
  /** Show the metrics that judge canaries. */
  metrics: boolean;
  until?: (look: Look) => boolean;
}

/** Run the engine and show what it does. */
export async function runAndShow(
  { fleet, clusters }: OpenReleases,
  options: FollowOptions & { once?: boolean },
): Promise<void> {
  const { screen, signal, once = false, until } = options;
  const show = shower({ clusters }, { ...options, engine: true });
  let last: Look | undefined;
  await runEngine({
    ...{ fleet, clusters, who: engineIdentity, once, signal },
    alerts: releaseAlerts(clusters, screen.trouble),
    onLook: (look) => {
      last = look;
      show(look);
    },
    onStep: screen.step,
    onTrouble: screen.trouble,
    ...(until && { until: () => last !== undefined && until(last) }),
  });
}

/** Show what is there without moving anything. */
export async function watchAndShow(open: OpenReleases, options: FollowOptions): Promise<void> {
  const { signal, until } = options;
  const show = shower(open, options);
  while (!signal.aborted) {
    const look = await lookAround(open);
    show(look);
    if (until?.(look)) return;
    await new Promise<void>((done) => {
      const end = () => {
        clearTimeout(timer);
        done();
      };
      const timer = setTimeout(end, 2000);
      signal.addEventListener("abort", end, { once: true });
    });
  }
}

/** Metrics are asked beside the looks, and shown with the next one. */
function shower(
  { clusters }: Pick<OpenReleases, "clusters">,
  { screen, metrics, engine = false }: FollowOptions & { engine?: boolean },
) {
  let seen: Record<string, readonly MetricSeen[]> = {};
  let asking = false;
  return (look: Look) => {
    if (metrics && !asking) {
      asking = true;
      void canaryMetrics(clusters, look)
        .then((found) => {
          seen = found;
        })
        .catch(() => undefined)
        .finally(() => {
          asking = false;
        });
    }
    const extras: Extras = { metrics: seen, silence: clusters.silence, engine };
    screen.look(look, extras);
  };
}

/** The releases that are not over, or else the last one. */
export const openOnes: Chosen = (releases) => {
  const open = releases.filter(isOpen);
  return open.length > 0 ? open : releases.slice(-1);
};

export function isOpen({ phase }: Release): boolean {
  return phase === "queued" || phase === "running" || phase === "paused" || phase === "returning";
}
