import { afterAll, beforeAll } from "vitest";
import { type ClusterClient, connect } from "../client.ts";
import { startApiServer, type TestApiServer } from "./api-server.ts";

export interface ConnectedApiServer {
  server: TestApiServer;
  client: ClusterClient;
}

/** An API server with a client for the tests of a `describe`, there before its own `beforeAll` runs. */
export function useApiServer(): ConnectedApiServer {
  const api = {} as ConnectedApiServer;
  beforeAll(async () => {
    api.server = await startApiServer();
    api.client = connect({ kubeconfig: api.server.kubeconfig });
  }, 90_000);
  afterAll(async () => {
    api.client?.close();
    await api.server?.stop();
  });
  return api;
}
