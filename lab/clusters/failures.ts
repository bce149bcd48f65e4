import type { LabCluster } from "./clusters.ts";
import { until } from "./engine.ts";

/** Something that was broken, until it is undone. */
export interface Failure {
  undo(): Promise<void>;
}

/**
 * Make ready to end a cluster's API server at once, and to keep its supervisor from starting it again until this is
 * undone. Data and all other processes stay.
 */
export async function apiServerFailure({ pids, client }: LabCluster): Promise<{ begin(): Failure }> {
  const known = await pids();
  const [supervisor, apiServer] = [known.get("supervisor"), known.get("kube-apiserver")];
  if (!supervisor || !apiServer) throw new Error("the cluster has no API server, or no supervisor");
  const answers = async () => (await client.raw("/readyz").catch(() => undefined))?.status === 200;
  const undo = async () => {
    process.kill(supervisor, "SIGCONT");
    await until(answers, 120_000);
  };
  return {
    begin: () => {
      process.kill(supervisor, "SIGSTOP");
      process.kill(apiServer, "SIGKILL");
      return { undo };
    },
  };
}
