/** `plan --live` against a real API server: what would be made, changed, refused, pruned, and what nobody declares. */
import { beforeAll, describe, expect, test } from "vitest";
import { planOf } from "../changes/testing/fleets.ts";
import type { UnitChange } from "../changes/types.ts";
import { hasApiServer } from "../cluster/testing/api-server.ts";
import { useApiServer } from "../cluster/testing/use-api-server.ts";
import type { ClusterPlan } from "../compile/plan.ts";
import { installFlux, kustomization } from "../embedded/delivery/testing/fleet.ts";
import { liveChanges } from "./plan-live.ts";

const web = (more = "") =>
  `  web: { image: "nginx:1.27", ports: { http: 8080 }, scale: { min: 2, max: 2 }${more} }\n`;
const cache = (size = "1Gi") =>
  `  cache: { image: "redis:7.0.15", ports: { redis: 6379 }, volumes: { data: { path: /data, size: ${size} } } }\n`;

describe.skipIf(!hasApiServer())("a plan against a cluster", { timeout: 300_000 }, () => {
  const api = useApiServer();
  beforeAll(async () => {
    await installFlux(api.client);
    const cluster = await clusterOf(web() + cache());
    for (const namespace of cluster.namespaces) await applied(namespace, "cluster");
    for (const bundle of cluster.bundles) {
      const entries = [];
      for (const object of bundle.objects) {
        await applied(object, bundle.name);
        const { name, namespace = "" } = object.metadata;
        const [version, group = ""] = object.apiVersion.split("/").reverse();
        entries.push({ id: `${namespace}_${name}_${group}_${object.kind}`, v: version });
      }
      await api.client.apply(kustomization(bundle.name));
      await api.client.applyStatus({
        ...kustomization(bundle.name),
        spec: undefined,
        status: { inventory: { entries } },
      });
    }
  }, 120_000);

  /** As Flux applies it. */
  const applied = (object: ClusterPlan["namespaces"][number], owner: string) => {
    const prefix = "kustomize.toolkit.fluxcd.io";
    const labels = {
      ...object.metadata.labels,
      [`${prefix}/name`]: owner,
      [`${prefix}/namespace`]: "flux-system",
    };
    const labelled = { ...object, metadata: { ...object.metadata, labels } };
    return api.client.apply(labelled, { fieldManager: "kustomize-controller", force: true });
  };
  /** Only the apps' bundles: the definitions of the parts take an API server a while. */
  const clusterOf = async (apps: string): Promise<ClusterPlan> => {
    const plan = await planOf(apps);
    const cluster = plan.clusters[0] as ClusterPlan;
    cluster.bundles = cluster.bundles.filter(({ kind }) => kind === "app");
    return cluster;
  };
  const changesOf = async (apps: string) => liveChanges(api.client, await clusterOf(apps));
  const unitOf = (units: UnitChange[], bundle: string) => units.find((unit) => unit.bundle === bundle);

  test("what runs as declared is no change, defaults of the server included", async () => {
    expect(await changesOf(web() + cache())).toEqual([]);
  });

  test("what was changed by hand and what is declared otherwise are told field by field", async () => {
    await api.client.patch(
      { apiVersion: "apps/v1", kind: "Deployment" },
      { name: "web", namespace: "shop" },
      { spec: { replicas: 5 } },
    );
    const web2 = unitOf(await changesOf(web(", env: { LEVEL: debug }") + cache()), "app-web");
    expect(web2).toMatchObject({ action: "change", restarts: 2, clusters: ["local"] });
    const deployment = web2?.objects.find(({ object }) => object.kind === "Deployment");
    expect(deployment?.fields).toContainEqual({ path: "spec.replicas", from: 5, to: 2 });
    expect(deployment?.fields.find(({ path }) => path.endsWith("env[LEVEL]"))).toMatchObject({
      to: { value: "debug" },
    });
    expect(web2?.cost).toMatchObject({ before: { pods: { min: 5 } }, after: { pods: { min: 2 } } });
    await api.client.patch(
      { apiVersion: "apps/v1", kind: "Deployment" },
      { name: "web", namespace: "shop" },
      { spec: { replicas: 2 } },
    );
  });

  test("what the API server refuses says so in its words, and what it is immutable for", async () => {
    const set = unitOf(await changesOf(web() + cache("2Gi")), "app-cache")?.objects.find(
      ({ object }) => object.kind === "StatefulSet",
    );
    expect(set).toMatchObject({ action: "replace", immutable: [{ field: "spec.volumeClaimTemplates" }] });
    expect(set?.marks).toContainEqual({
      level: "warning",
      text: expect.stringMatching(/the API server refuses it: .*Forbidden/s),
    });
    expect(set?.fields).toEqual([
      { path: "spec.volumeClaimTemplates[data].spec.resources.requests.storage", from: "1Gi", to: "2Gi" },
    ]);
  });

  test("what is new is made, what is gone is pruned, what nobody knows is orphaned", async () => {
    const metadata = {
      name: "stray",
      namespace: "shop",
      labels: { "app.kubernetes.io/managed-by": "landfall" },
    };
    await api.client.apply(
      { apiVersion: "v1", kind: "ServiceAccount", metadata },
      { fieldManager: "kubectl" },
    );
    // What landfall itself puts on a cluster to start Flux is no orphan.
    const own = { ...metadata, name: "own" };
    await api.client.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: own });
    const units = await changesOf(`${web()}  api: { image: "nginx:1.27", ports: { http: 8080 } }\n`);
    expect(unitOf(units, "app-api")).toMatchObject({
      action: "create",
      cost: { after: { pods: { min: 1 } } },
    });
    const gone = unitOf(units, "app-cache");
    expect(gone).toMatchObject({
      action: "delete",
      cost: { before: { pods: { min: 1 } }, after: { pods: { min: 0 } } },
    });
    expect(gone?.objects.flatMap(({ marks }) => marks)).toMatchObject([{ level: "destructive" }]);
    expect(unitOf(units, "orphans")).toMatchObject({
      action: "orphan",
      objects: [{ object: { kind: "ServiceAccount", name: "stray" } }],
    });
  });
});
