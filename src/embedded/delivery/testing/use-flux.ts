import { rmSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import { freePorts } from "../../../cluster/testing/api-server.ts";
import type { Program } from "../../../cluster/testing/programs.ts";
import { type ConnectedApiServer, useApiServer } from "../../../cluster/testing/use-api-server.ts";
import {
  installFlux,
  makeFleet,
  type RunningController,
  type RunningPublisher,
  runKustomizeController,
  runPublisher,
  type TestFleet,
} from "./fleet.ts";

export interface RunningFlux extends ConnectedApiServer {
  fleet: TestFleet;
  publisher: RunningPublisher;
  controller: RunningController;
}

/** A fleet repo, its publisher and a kustomize-controller on an API server, for the tests of a `describe`. */
export function useFlux(program: Program | undefined): RunningFlux {
  const flux = useApiServer() as RunningFlux;
  beforeAll(async () => {
    const { kubeconfig } = flux.server;
    await installFlux(flux.client);
    flux.fleet = await makeFleet();
    flux.controller = runKustomizeController(program as Program, kubeconfig, await freePorts(2));
    flux.publisher = await runPublisher(flux.fleet, kubeconfig);
  }, 90_000);
  afterAll(async () => {
    await flux.controller?.stop();
    await flux.publisher?.stop();
    if (flux.fleet) rmSync(flux.fleet.dir, { recursive: true, force: true });
  });
  return flux;
}
