/**
 * Clusters with a real API server and a real kustomize-controller each, which read one fleet repo. Pods are played: no
 * Deployment controller runs.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { type ClusterClient, connect } from "../../../cluster/client.ts";
import { freePorts, startApiServer, type TestApiServer } from "../../../cluster/testing/api-server.ts";
import type { Program } from "../../../cluster/testing/programs.ts";
import {
  installFlux,
  kustomization,
  type RunningController,
  type RunningPublisher,
  runKustomizeController,
  runPublisher,
} from "../../../embedded/delivery/testing/fleet.ts";
import { rootName } from "../../../emit/flux/index.ts";
import { type Estate, inEstate } from "./fleet.ts";
import { type DeploymentPlayer, playDeployments } from "./play-deployments.ts";

export interface LiveCluster {
  name: string;
  server: TestApiServer;
  client: ClusterClient;
  player: DeploymentPlayer;
}

export interface Servers {
  clusters: Record<string, LiveCluster>;
  stop(): Promise<void>;
}

/** API servers by cluster, with Flux' kinds; started before the tests, since their programs are found in the cache. */
export async function startServers(names: readonly string[], program: Program): Promise<Servers> {
  const clusters: Record<string, LiveCluster> = {};
  const controllers: RunningController[] = [];
  const stop = async () => {
    await Promise.all(controllers.map((controller) => controller.stop()));
    for (const { player, client, server } of Object.values(clusters)) {
      await player.stop();
      client.close();
      await server.stop();
    }
  };
  try {
    for (const name of names) {
      const server = await startApiServer();
      const client = connect({ kubeconfig: server.kubeconfig });
      clusters[name] = { name, server, client, player: playDeployments(client) };
      await installFlux(client);
      controllers.push(runKustomizeController(program, server.kubeconfig, await freePorts(2)));
    }
    return { clusters, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface LiveEstate extends Estate {
  clusters: Record<string, LiveCluster>;
}

/** An estate whose clusters are these servers, each with its publisher, while `use` runs. */
export async function inLiveEstate<T>(
  { clusters }: Servers,
  yaml: string,
  use: (estate: LiveEstate) => Promise<T>,
): Promise<T> {
  const publishers: RunningPublisher[] = [];
  return inEstate(async (estate) => {
    const folder = join(estate.dir, "..", "live");
    mkdirSync(folder);
    writeFileSync(join(folder, "kubeconfig"), JSON.stringify(mergedKubeconfig(clusters)), { mode: 0o600 });
    vi.stubEnv("KUBECONFIG", join(folder, "kubeconfig"));
    try {
      for (const { name, server, client } of Object.values(clusters)) {
        publishers.push(
          await runPublisher({ dir: folder, repo: estate.fleet.repo }, server.kubeconfig, name),
        );
        await client.apply(kustomization(rootName));
      }
      return await use({ ...estate, clusters });
    } finally {
      await Promise.all(publishers.map((publisher) => publisher.stop()));
    }
  }, yaml);
}

/** One context a cluster, named as the declaration names it. */
function mergedKubeconfig(clusters: Record<string, LiveCluster>): object {
  const all = Object.values(clusters);
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: all.map(({ name, server }) => ({
      name,
      cluster: { server: server.url, "insecure-skip-tls-verify": true },
    })),
    users: [{ name: "admin", user: { token: "test-token" } }],
    contexts: all.map(({ name }) => ({ name, context: { cluster: name, user: "admin" } })),
    "current-context": all[0]?.name,
  };
}
