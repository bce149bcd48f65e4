/**
 * A canary turned on and off with the real API server, controllers of Kubernetes and of Flux, and Flagger; pods are
 * simulated, so that what is measured is who could be reached: the addresses behind the Service and the route.
 */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planOf } from "../changes/testing/fleets.ts";
import { type ClusterClient, connect } from "../cluster/client.ts";
import { freePorts } from "../cluster/testing/api-server.ts";
import type { LiveObject } from "../cluster/types.ts";
import { findBinary } from "../embedded/binaries/find.ts";
import {
  installFlux,
  kustomization,
  makeFleet,
  type RunningController,
  type RunningPublisher,
  runKustomizeController,
  runPublisher,
  type TestFleet,
} from "../embedded/delivery/testing/fleet.ts";
import { pause, until } from "../embedded/machine/wait.ts";
import { startCluster } from "../embedded/start.ts";
import { stopCluster } from "../embedded/stop.ts";
import { temporaryHome, testSpec } from "../embedded/test-cluster.ts";
import { rootName } from "../emit/flux/index.ts";
import { commitTree } from "../emit/git/commit.ts";
import { crdBundle } from "../schema/pack.ts";
import { appFiles, author, commitAll } from "./testing/hand-over-fleet.ts";

const cached = (name: string) => findBinary(name, { build: false, download: false }).catch(() => undefined);
const flagger = await cached("flagger");
const controllerProgram = await cached("kustomize-controller");
const simulated = (await cached("kwok")) && (await cached("kube-apiserver"));
const ready = flagger && controllerProgram && simulated;
if (!ready) process.stderr.write("canary hand-overs are not tested: a program is not in the cache yet\n");

const root = "parts: { flux: {}, gateway-api: {}, traefik: {}, prometheus: {}, flagger: {} }";
const web = (more: string, image = "nginx:1.27") =>
  `  web: { image: "${image}", ports: { http: 8080, metrics: 9464 }, expose: [{ host: a.localhost }, { host: b.localhost }], scale: { min: 3, max: 3 }, ${more} }\n`;
const canary = "release: { canary: { interval: 10s, steps: [50] } }";
const kinds = {
  service: { apiVersion: "v1", kind: "Service" },
  slice: { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" },
  deployment: { apiVersion: "apps/v1", kind: "Deployment" },
  route: { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
  canary: { apiVersion: "flagger.app/v1beta1", kind: "Canary" },
};

describe.skipIf(!ready)("a release that begins or ceases to be analysed", { timeout: 300_000 }, () => {
  const name = "t-release";
  const at = {} as {
    home: ReturnType<typeof temporaryHome>;
    client: ClusterClient;
    fleet: TestFleet;
    publisher: RunningPublisher;
    controller: RunningController;
  };
  beforeAll(async () => {
    at.home = temporaryHome();
    const [port] = await freePorts(1);
    const args = [
      "-kubeconfig={{kubeconfig}}",
      `-port=${port}`,
      "-mesh-provider=gatewayapi:v1",
      "-metrics-server=http://127.0.0.1:1",
      "-include-label-prefix=app.kubernetes.io/,landfall.dev/",
    ];
    const spec = testSpec(name, "simulated");
    const { kubeconfig } = await startCluster(spec, { onEvent: () => {}, timeoutMs: 90_000 });
    at.client = connect({ kubeconfig });
    for (const crd of [...crdBundle("gateway-api"), ...crdBundle("flagger")]) await at.client.apply(crd);
    const process = { name: "flagger", command: flagger?.path ?? "", args, env: {} };
    const served = () =>
      at.client
        .list(kinds.canary)
        .then(() => true)
        .catch(() => false);
    expect(await until(served, 60_000, 100)).toBe(true);
    await startCluster({ ...spec, processes: [process] }, { onEvent: () => {}, timeoutMs: 90_000 });
    await at.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    await installFlux(at.client);
    at.fleet = await makeFleet();
    if (controllerProgram)
      at.controller = runKustomizeController(controllerProgram as never, kubeconfig, await freePorts(2));
    at.publisher = await runPublisher(at.fleet, kubeconfig);
    await at.client.apply(kustomization(rootName));
  }, 240_000);
  afterAll(async () => {
    await at.controller?.stop();
    await at.publisher?.stop();
    at.client?.close();
    if (at.fleet) rmSync(at.fleet.dir, { recursive: true, force: true });
    await stopCluster(name, { keepData: false, onEvent: () => {} }).finally(() => at.home?.remove());
  }, 60_000);

  const get = (of: keyof typeof kinds, named = "web") => at.client.get(kinds[of], named, "shop");
  /** The Services that the routes lead to with a weight, and whether each host has one. */
  const reached = (routes: LiveObject[]) =>
    routes.flatMap(({ spec }) => {
      const { hostnames = [], rules } = spec as {
        hostnames?: string[];
        rules: { backendRefs: { name: string; weight?: number }[] }[];
      };
      return hostnames.flatMap((host) =>
        rules.flatMap(({ backendRefs }) =>
          backendRefs.filter(({ weight = 1 }) => weight > 0).map((ref) => `${host} ${ref.name}`),
        ),
      );
    });
  const addressesOf = async (service: string) => {
    const slices = await at.client.list(kinds.slice, {
      namespace: "shop",
      labelSelector: `kubernetes.io/service-name=${service}`,
    });
    type Endpoint = { conditions?: { ready?: boolean } };
    return slices.flatMap((slice) =>
      ((slice as { endpoints?: Endpoint[] }).endpoints ?? []).filter(
        ({ conditions }) => conditions?.ready !== false,
      ),
    ).length;
  };
  /** What cannot be reached at this moment: a host without a route, a Service without addresses. */
  const unreachable = async () => {
    const leads = reached(await at.client.list(kinds.route, { namespace: "shop" }));
    const hosts = ["a.localhost", "b.localhost"].filter(
      (host) => !leads.some((lead) => lead.startsWith(`${host} `)),
    );
    const services = [...new Set(leads.map((lead) => lead.split(" ")[1] ?? ""))];
    const addresses = await Promise.all(services.map(addressesOf));
    return [...hosts, ...services.filter((_, i) => addresses[i] === 0)];
  };
  /** Look, again and again while `act` runs. */
  async function watched(act: () => Promise<unknown>): Promise<{ looks: number; missed: string[] }> {
    const seen = { looks: 0, missed: [] as string[], ended: false };
    const looking = (async () => {
      for (; !seen.ended; seen.looks++) {
        seen.missed.push(...(await unreachable()));
        await pause(50);
      }
    })();
    try {
      await act();
    } finally {
      seen.ended = true;
      await looking;
    }
    return seen;
  }
  const commit = async (apps: string) => commitAll(at, await planOf(apps, root));

  test("on: the Service and the route stay the same objects, and always lead to pods", async () => {
    expect(await commit(web("labels: {}"))).toBe(1);
    await expect.poll(() => addressesOf("web"), { timeout: 60_000 }).toBe(3);
    const before = await Promise.all([get("service"), get("route")]);

    const { looks, missed } = await watched(async () => {
      expect(await commit(web(canary))).toBe(3);
    });
    expect(looks).toBeGreaterThan(20);
    expect(missed).toEqual([]);
    const after = await Promise.all([get("service"), get("route")]);
    expect(after.map((object) => object?.metadata.uid)).toEqual(before.map((object) => object?.metadata.uid));
    // They go with the Canary from now on, as what it made itself does.
    for (const object of after)
      expect(object?.metadata.ownerReferences).toMatchObject([{ kind: "Canary", name: "web" }]);
    expect(await get("route", "web-2")).toBeUndefined();
    expect(reached([after[1] as LiveObject])).toEqual(["a.localhost web-primary", "b.localhost web-primary"]);
    expect(after[0]?.spec).toMatchObject({ selector: { "app.kubernetes.io/name": "web-primary" } });
    // Three pods serve, none of the other waits.
    await expect
      .poll(async () => (await get("deployment"))?.spec, { timeout: 60_000 })
      .toMatchObject({ replicas: 0 });
    await expect.poll(() => addressesOf("web-primary"), { timeout: 60_000 }).toBe(3);
  });

  test("the primary's pods say which template made them", async () => {
    const templateOf = (object: LiveObject | undefined) =>
      (object?.spec as { template?: { metadata: { annotations: Record<string, string>; labels: object } } })
        ?.template?.metadata;
    const digest = (object: LiveObject | undefined) =>
      templateOf(object)?.annotations["landfall.dev/template"];
    const [own, primary] = [await get("deployment"), await get("deployment", "web-primary")];
    expect(digest(own)).toMatch(/^[0-9a-f]{16}$/);
    expect(digest(primary)).toBe(digest(own));
    expect(templateOf(primary)?.labels).toMatchObject({
      "landfall.dev/app": "web",
      "app.kubernetes.io/name": "web-primary",
    });
  });

  test("off: the app's own pods serve again before the primary goes", async () => {
    const before = await Promise.all([get("service"), get("route")]);
    const { missed } = await watched(async () => {
      expect(await commit(web("labels: {}"))).toBe(3);
      await expect.poll(() => get("deployment", "web-primary"), { timeout: 60_000 }).toBeUndefined();
    });
    expect(missed).toEqual([]);
    const after = await Promise.all([get("service"), get("route")]);
    expect(after.map((object) => object?.metadata.uid)).toEqual(before.map((object) => object?.metadata.uid));
    expect(reached([after[1] as LiveObject])).toEqual(["a.localhost web"]);
    expect(await get("route", "web-2")).toBeDefined();
    expect(await get("canary")).toBeUndefined();
    expect(await get("service", "web-canary")).toBeUndefined();
    expect(await addressesOf("web")).toBe(3);
    expect((await get("deployment"))?.spec).toMatchObject({ replicas: 3 });
  });

  test("in one commit the Service is removed and made anew: the hazard is real", async () => {
    const uid = (await get("service"))?.metadata.uid;
    const files = appFiles(await planOf(web(canary), root));
    await commitTree({ repo: at.fleet.repo, files, message: "at once", author });
    await expect
      .poll(async () => (await get("service"))?.metadata.uid, { timeout: 60_000, interval: 50 })
      .not.toBe(uid);
  });
});
