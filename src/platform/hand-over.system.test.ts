/**
 * Hand-overs with the real kustomize-controller and API server: what is renamed keeps its objects, and replicas never
 * fall. Each commit is published as the supervisor does it.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { planOf } from "../changes/testing/fleets.ts";
import { hasApiServer } from "../cluster/testing/api-server.ts";
import { findProgram } from "../cluster/testing/programs.ts";
import type { LiveObject } from "../cluster/types.ts";
import type { Plan } from "../compile/plan.ts";
import { kustomization } from "../embedded/delivery/testing/fleet.ts";
import { useFlux } from "../embedded/delivery/testing/use-flux.ts";
import { rootName } from "../emit/flux/index.ts";
import { commitTree } from "../emit/git/commit.ts";
import { appFiles, author, commitAll as commitSteps } from "./testing/hand-over-fleet.ts";

const program = findProgram("kustomize-controller");
const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
const statefulSet = { apiVersion: "apps/v1", kind: "StatefulSet" };

describe.skipIf(!hasApiServer() || !program)("hand-overs", { timeout: 180_000 }, () => {
  const flux = useFlux(program);

  beforeAll(async () => {
    await flux.client.apply(kustomization(rootName));
  }, 90_000);

  const commitAll = (plan: Plan) => commitSteps(flux, plan);
  const get = (gvk: typeof deployment, name: string) => flux.client.get(gvk, name, "shop");
  const names = async () =>
    (await flux.client.list(kustomization(""))).map(({ metadata }) => metadata.name).sort();
  const owner = (object: LiveObject | undefined) =>
    object?.metadata.labels?.["kustomize.toolkit.fluxcd.io/name"];
  const cache = (name: string, image = "redis:7.0.15") =>
    `  ${name}: { image: "${image}", ports: { redis: 6379 }, volumes: { data: { path: /data, size: 1Gi } } }\n`;
  const web = (name: string, scale = "{ min: 3, max: 3 }") =>
    `  ${name}: { image: "nginx:1.27", ports: { http: 8080 }, scale: ${scale} }\n`;
  const noMoves = "moved: []";

  test("a rename with `moved` prunes nothing and restarts nothing", async () => {
    expect(await commitAll(await planOf(cache("cache") + web("web"), noMoves))).toBe(1);
    await expect.poll(async () => owner(await get(deployment, "web")), { timeout: 60_000 }).toBe("app-web");
    await expect
      .poll(async () => owner(await get(statefulSet, "cache")), { timeout: 60_000 })
      .toBe("app-cache");
    // What a controller would make of the claim template: nobody may remove it.
    await flux.client.apply({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data-cache-0", namespace: "shop" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim" };
    const before = [
      await get(deployment, "web"),
      await get(statefulSet, "cache"),
      await get(claim, "data-cache-0"),
    ];
    const removed: string[] = [];
    const abort = new AbortController();
    const watching = [deployment, statefulSet, claim].map((gvk) =>
      flux.client.watch(
        gvk,
        { namespace: "shop" },
        (event) => event.type === "deleted" && removed.push(event.object.metadata.name),
        abort.signal,
      ),
    );

    const renamed = await planOf(
      cache("store") + web("front"),
      "moved: [{ from: cache, to: store }, { from: web, to: front }]",
    );
    expect(await commitAll(renamed)).toBe(2);
    await expect.poll(names, { timeout: 60_000 }).toEqual(["app-front", "app-store", "cluster"]);
    // The old Kustomizations are gone for good, and whatever they had set going has been seen.
    await new Promise((done) => setTimeout(done, 2000));
    const after = [
      await get(deployment, "web"),
      await get(statefulSet, "cache"),
      await get(claim, "data-cache-0"),
    ];
    expect(after.map((object) => object?.metadata.uid)).toEqual(before.map((object) => object?.metadata.uid));
    // A generation counts the changes of a spec: none, so no pod was made anew.
    expect(after.map((object) => object?.metadata.generation)).toEqual(
      before.map((object) => object?.metadata.generation),
    );
    expect(after.slice(0, 2).map(owner)).toEqual(["app-front", "app-store"]);
    expect(removed).toEqual([]);
    abort.abort();
    await Promise.all(watching);
  });

  test("without steps the same rename in one commit does prune: the hazard is real", async () => {
    const head = await planOf(web("old"), noMoves);
    const next = await planOf(web("new"), "moved: [{ from: old, to: new }]");
    await commitAll(head);
    await expect.poll(async () => owner(await get(deployment, "old")), { timeout: 60_000 }).toBe("app-old");
    const uid = (await get(deployment, "old"))?.metadata.uid;
    await commitTree({ repo: flux.fleet.repo, files: appFiles(next), message: "at once", author });
    await expect.poll(names, { timeout: 60_000 }).toEqual(["app-new", "cluster"]);
    await expect
      .poll(async () => (await get(deployment, "old"))?.metadata.uid !== uid, { timeout: 60_000 })
      .toBe(true);
  });

  test("an autoscaler that is turned on never lets replicas fall", async () => {
    await commitAll(await planOf(web("scaled"), noMoves));
    await expect
      .poll(async () => (await get(deployment, "scaled"))?.spec, { timeout: 60_000 })
      .toMatchObject({ replicas: 3 });
    const seen = new Set<unknown>();
    const abort = new AbortController();
    const watching = flux.client.watch(
      deployment,
      { namespace: "shop", fieldSelector: "metadata.name=scaled" },
      (event) => "object" in event && seen.add((event.object.spec as { replicas: number }).replicas),
      abort.signal,
    );
    expect(await commitAll(await planOf(web("scaled", "{ min: 3, max: 9 }"), noMoves))).toBe(1);
    const hpa = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" };
    await expect.poll(() => get(hpa, "scaled"), { timeout: 60_000 }).toBeDefined();
    // A later change of the template is applied without `replicas` too.
    const image = web("scaled", "{ min: 3, max: 9 }").replace("1.27", "1.28");
    expect(await commitAll(await planOf(image, noMoves))).toBe(1);
    const current = async () => JSON.stringify((await get(deployment, "scaled"))?.spec);
    await expect.poll(current, { timeout: 60_000 }).toContain("nginx:1.28");
    // And what the autoscaler says stays through another.
    await flux.client.patch(
      deployment,
      { name: "scaled", namespace: "shop" },
      { spec: { replicas: 7 } },
      { subresource: "scale", fieldManager: "kube-controller-manager" },
    );
    expect(await commitAll(await planOf(image.replace("1.28", "1.29"), noMoves))).toBe(1);
    await expect.poll(current, { timeout: 60_000 }).toContain("nginx:1.29");
    expect((await get(deployment, "scaled"))?.spec).toMatchObject({ replicas: 7 });
    abort.abort();
    await watching;
    expect([...seen].sort()).toEqual([3, 7]);
  });

  test("without a second owner the replicas would fall to 1: the hazard is real", async () => {
    await commitAll(await planOf(web("naive"), noMoves));
    const replicas = async () => (await get(deployment, "naive"))?.spec as { replicas: number } | undefined;
    await expect.poll(replicas, { timeout: 60_000 }).toMatchObject({ replicas: 3 });
    const files = appFiles(await planOf(web("naive", "{ min: 3, max: 9 }"), noMoves));
    await commitTree({ repo: flux.fleet.repo, files, message: "at once", author });
    await expect.poll(replicas, { timeout: 60_000 }).toMatchObject({ replicas: 1 });
  });

  test("an object that another app brings stays the same object", async () => {
    const raw = (name: string, maps: string[]) => {
      const objects = maps.map((map) => `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${map} } }`);
      return `  ${name}: { image: "nginx:1.27", ports: { http: 8080 }, raw: [${objects.join(", ")}] }\n`;
    };
    const map = { apiVersion: "v1", kind: "ConfigMap" };
    await commitAll(await planOf(raw("one", ["a", "b"]) + raw("two", ["c"]), noMoves));
    await expect.poll(async () => owner(await get(map, "b")), { timeout: 60_000 }).toBe("app-one");
    const uid = (await get(map, "b"))?.metadata.uid;
    expect(await commitAll(await planOf(raw("one", ["a"]) + raw("two", ["b", "c"]), noMoves))).toBe(3);
    const prunes = async () => (await flux.client.get(kustomization(""), "app-one", "flux-system"))?.spec;
    await expect.poll(prunes, { timeout: 60_000 }).toMatchObject({ prune: true });
    expect((await get(map, "b"))?.metadata.uid).toBe(uid);
    expect(owner(await get(map, "b"))).toBe("app-two");
    // And what goes after that is pruned as ever.
    expect(await commitAll(await planOf(raw("one", []) + raw("two", ["b", "c"]), noMoves))).toBe(1);
    await expect.poll(() => get(map, "a"), { timeout: 60_000 }).toBeUndefined();
  });
});
