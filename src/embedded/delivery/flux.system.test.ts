import { describe, expect, it } from "vitest";
import type { ClusterClient } from "../../cluster/client.ts";
import { hasApiServer } from "../../cluster/testing/api-server.ts";
import { findProgram } from "../../cluster/testing/programs.ts";
import type { LiveObject } from "../../cluster/types.ts";
import { type Condition, externalArtifact, fluxNamespace } from "./objects.ts";
import { kustomization } from "./testing/fleet.ts";
import { useFlux } from "./testing/use-flux.ts";

const program = findProgram("kustomize-controller");
const figures = (line: string) => {
  if (process.env.LANDFALL_TEST_FIGURES) process.stderr.write(`${line}\n`);
};

interface KustomizationStatus {
  conditions?: Condition[];
  lastAppliedRevision?: string;
  history?: { lastReconciled: string }[];
}

describe.skipIf(!hasApiServer() || !program)("Flux reads what is published", { timeout: 480_000 }, () => {
  const flux = useFlux(program);

  const statusOf = (object: LiveObject) => (object.status ?? {}) as KustomizationStatus;
  const data = async (name: string) =>
    (await flux.client.get({ apiVersion: "v1", kind: "ConfigMap" }, name, "default"))?.data as
      | { data: string }
      | undefined;
  const kustomizations = async () =>
    new Map((await flux.client.list(kustomization("x"))).map((k) => [k.metadata.name, statusOf(k)]));
  const isReady = (status: KustomizationStatus) =>
    status.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;

  it("applies a first fleet from one root Kustomization, and a change of it", async () => {
    const t0 = performance.now();
    await flux.fleet.write({ cart: "1" });
    await flux.client.apply(kustomization("cluster"));
    await expect.poll(() => data("cart"), { timeout: 60_000, interval: 20 }).toEqual({ data: "1" });
    const t1 = performance.now();
    await expect
      .poll(async () => [...(await kustomizations()).values()].every(isReady), { timeout: 60_000 })
      .toBe(true);
    const revisions = flux.publisher.service.status().artifacts;
    expect((await kustomizations()).get("app-cart")?.lastAppliedRevision).toBe(revisions?.["app-cart"]);
    const t2 = performance.now();
    await flux.fleet.write({ cart: "2" });
    await expect.poll(() => data("cart"), { timeout: 60_000, interval: 10 }).toEqual({ data: "2" });
    figures(
      `first fleet applied in ${Math.round(t1 - t0)} ms, commit to applied ${Math.round(performance.now() - t2)} ms`,
    );
  });

  it("reconciles one of 300 Kustomizations when one artifact changed", async () => {
    const apps = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`a${n}`, "1"]));
    const t0 = performance.now();
    await flux.fleet.write(apps);
    const all = async () => {
      const now = await kustomizations();
      return now.size === 301 && [...now.values()].every(isReady);
    };
    await expect.poll(all, { timeout: 300_000, interval: 250 }).toBe(true);
    const t1 = performance.now();
    const before = await versions(flux.client);
    const changed = new Set<string>();
    const abort = new AbortController();
    const watching = flux.client.watch(
      kustomization("x"),
      {},
      (event) => {
        if (event.type === "modified") changed.add(event.object.metadata.name);
      },
      abort.signal,
    );
    const t2 = performance.now();
    await flux.fleet.write({ ...apps, a7: "2" });
    await expect.poll(() => data("a7"), { timeout: 60_000, interval: 10 }).toEqual({ data: "2" });
    figures(
      `300 Kustomizations Ready in ${Math.round(t1 - t0)} ms, one changed: commit to applied ${Math.round(performance.now() - t2)} ms`,
    );
    const revision = () => flux.publisher.service.status().artifacts["app-a7"];
    await expect
      .poll(async () => (await kustomizations()).get("app-a7")?.lastAppliedRevision, { timeout: 60_000 })
      .toBe(revision());
    abort.abort();
    await watching;
    const moved = [...(await versions(flux.client))].filter(
      ([name, version]) => before.get(name) !== version,
    );
    expect(moved.map(([name]) => name)).toEqual(["app-a7"]);
    expect([...changed]).toEqual(["app-a7"]);
  });

  it("takes an app away: its objects first, its artifact after that", async () => {
    await flux.fleet.write({ a1: "1" });
    const names = async () =>
      (await flux.client.list(externalArtifact, { namespace: fluxNamespace }))
        .map((a) => a.metadata.name)
        .sort();
    await expect.poll(names, { timeout: 120_000 }).toEqual(["app-a1", "cluster"]);
    expect(await data("a0")).toBeUndefined();
    expect(await data("a1")).toEqual({ data: "1" });
    expect([...(await kustomizations()).keys()].sort()).toEqual(["app-a1", "cluster"]);
  });
});

const versions = async (client: ClusterClient) =>
  new Map((await client.list(kustomization("x"))).map((k) => [k.metadata.name, k.metadata.resourceVersion]));
