import { type ClusterClient, connect } from "../../../cluster/client.ts";
import { freePorts, startApiServer, type TestApiServer } from "../../../cluster/testing/api-server.ts";
import { findProgram } from "../../../cluster/testing/programs.ts";
import { routesOf } from "../../../compile/app-routes.ts";
import { appLabel } from "../../../kit/labels.ts";
import { sampleApp } from "../../../kit/testing/samples.ts";
import { crdBundle } from "../../../schema/pack.ts";
import { type Background, inBackground, runFolder } from "./background.ts";

const api = "gateway.networking.k8s.io/v1";
const gateway = {
  name: "traefik",
  namespace: "default",
  httpListener: "http",
  url: "http://traefik.traefik",
  pods: { namespace: "", labels: {} },
};

/** A real API server with Gateway API and a real gateway, Traefik, at a loopback address of its own. */
export interface TestCluster {
  server: TestApiServer;
  client: ClusterClient;
  address: string;
  httpPort: number;
  gateway: { start(): Promise<void>; kill(): Promise<void> };
  /** Put an app's route there, as it is emitted for the app, and wait until the gateway took it. */
  expose(app: string, host: string): Promise<void>;
  withdraw(app: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(address: string): Promise<TestCluster> {
  const server = await startApiServer({ rbac: true });
  const client = connect({ kubeconfig: server.kubeconfig });
  const [httpPort = 0] = await freePorts(1);
  let traefik: Background | undefined;
  const start = async () => {
    traefik = await runTraefik(server.kubeconfig, address, httpPort);
  };
  const stop = async () => {
    await traefik?.stop();
    client.close();
    await server.stop();
  };
  try {
    await installGateway(client, httpPort);
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    server,
    client,
    address,
    httpPort,
    gateway: { start, kill: async () => traefik?.stop() },
    expose: (app, host) => expose(client, app, host),
    withdraw: async (app) => {
      await client.remove({ apiVersion: api, kind: "HTTPRoute" }, app, "acme");
    },
    stop,
  };
}

async function installGateway(client: ClusterClient, port: number): Promise<void> {
  for (const crd of crdBundle("gateway-api")) await client.apply(crd);
  const { name, namespace } = gateway;
  const spec = { controllerName: "traefik.io/gateway-controller" };
  await applied(client, { apiVersion: api, kind: "GatewayClass", metadata: { name }, spec });
  const listeners = [
    { name: "http", port, protocol: "HTTP", allowedRoutes: { namespaces: { from: "All" } } },
  ];
  const door = { gatewayClassName: name, listeners };
  await applied(client, { apiVersion: api, kind: "Gateway", metadata: { name, namespace }, spec: door });
  await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "acme" } });
}

/** Apply as soon as its kind is served. */
async function applied(client: ClusterClient, object: Parameters<ClusterClient["apply"]>[0]): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await client.apply(object);
      return;
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

async function runTraefik(kubeconfig: string, address: string, port: number): Promise<Background> {
  const provider = "--providers.kubernetesgateway";
  const args = [
    `--entrypoints.web.address=${address}:${port}`,
    `${provider}=true`,
    `${provider}.statusaddress.ip=${address}`,
    "--global.checknewversion=false",
    "--global.sendanonymoususage=false",
  ];
  const path = findProgram("traefik")?.path ?? "";
  const command = { path, args, env: { KUBECONFIG: kubeconfig }, dir: runFolder("traefik") };
  const url = `http://${address}:${port}/`;
  return inBackground(command, () =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  );
}

async function expose(client: ClusterClient, name: string, host: string): Promise<void> {
  const app = sampleApp(name, [{ name: "http", port: 8080, protocol: "http" }], { expose: [{ host }] });
  const owner = { label: appLabel, name } as const;
  for (const route of routesOf(app, gateway, owner)) await client.apply(route, { force: true });
  for (let tries = 0; tries < 600; tries++) {
    const live = await client.get({ apiVersion: api, kind: "HTTPRoute" }, name, "acme");
    if (isAccepted(live?.status)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the gateway did not take the route of ${name}`);
}

function isAccepted(status: unknown): boolean {
  const { parents = [] } = (status ?? {}) as {
    parents?: { conditions?: { type: string; status: string }[] }[];
  };
  return parents.some(({ conditions }) =>
    conditions?.some(({ type, status: is }) => type === "Accepted" && is === "True"),
  );
}
