import { whileLeading } from "../platform/lease.ts";
import { openHub } from "../platform/release/hub.ts";
import { serveMetrics } from "../platform/release/hub-metrics.ts";
import { openOnes, runAndShow } from "./release-follow.ts";
import { releaseScreen } from "./release-screen.ts";

/** `landfall release run --hub`: the engine by a hub's settings, while it leads. */
export async function runOnHub(
  file: string,
  { json, once, signal }: { json: boolean; once: boolean; signal: AbortSignal },
): Promise<void> {
  const hub = await openHub(file);
  const metrics = await serveMetrics(hub.port);
  const screen = releaseScreen(json, openOnes);
  const counting: typeof screen = {
    ...screen,
    look: (look, extras) => {
      metrics.look(look);
      screen.look(look, extras);
    },
    step: (step) => {
      metrics.step(step);
      screen.step(step);
    },
  };
  try {
    await whileLeading({ ...hub.lease, signal, onChange: metrics.leads, onTrouble: screen.trouble }, (own) =>
      runAndShow(hub, { screen: counting, signal: own, once, metrics: false }),
    );
  } finally {
    screen.end();
    hub.clusters.close();
    hub.lease.client.close();
    await metrics.close();
  }
}
