/** The words for what cannot be undone: a rename, a removal, an immutable change, and what changes owners. */
import { expect, test } from "vitest";
import { objectChanges } from "./objects.ts";
import { changesOf, objectOf } from "./testing/fleets.ts";

const web = (more = "", name = "web") => `  ${name}: { image: "nginx:1.27", ports: { http: 8080 }${more} }\n`;
const cache = (more = "size: 1Gi", name = "cache") =>
  `  ${name}: { image: redis:7, ports: { redis: 6379 }, volumes: { data: { path: /data, ${more} } } }\n`;
const texts = (marks: { text: string }[]) => marks.map(({ text }) => text).join("\n");

test("a removal is caught: what goes, what stays, and the data", async () => {
  const changes = await changesOf(web() + cache(), web());
  expect(changes.summary).toMatchObject({ delete: 1, create: 0, destructive: 1 });
  const set = objectOf(changes, "app-cache", "StatefulSet");
  expect(set.action).toBe("delete");
  expect(set.marks).toEqual([
    { level: "destructive", text: expect.stringMatching(/volumes data-cache-\* stay with their data/) },
  ]);
  expect(changes.units[0]?.cost).toMatchObject({
    before: { pods: { min: 1 }, storage: { min: 2 ** 30 } },
    after: { pods: { min: 0 }, storage: { min: 0 } },
  });
});

test("a rename that is not declared is a removal, and `moved` is suggested", async () => {
  const changes = await changesOf(web() + cache(), web() + cache("size: 1Gi", "store"));
  expect(changes.summary).toMatchObject({ delete: 1, create: 1, destructive: 1 });
  expect(changes.suggestedMoves).toEqual([{ from: "cache", to: "store", likeness: expect.any(Number) }]);
  const other = await changesOf(web() + cache(), `${web()}  jobs: { image: "busybox:1.36" }\n`);
  expect(other.suggestedMoves).toEqual([]);
});

test("an immutable change is caught before Flux meets it, with where Kubernetes says so", async () => {
  const changes = await changesOf(cache(), cache("size: 2Gi"));
  expect(changes.summary).toMatchObject({ replace: 1, change: 0, destructive: 1 });
  const set = objectOf(changes, "app-cache", "StatefulSet");
  expect(set).toMatchObject({
    action: "replace",
    immutable: [
      { field: "spec.volumeClaimTemplates", source: expect.stringMatching(/^https:\/\/kubernetes\.io\//) },
    ],
    fields: [
      { path: "spec.volumeClaimTemplates[data].spec.resources.requests.storage", from: "1Gi", to: "2Gi" },
    ],
  });
  expect(texts(set.marks)).toMatch(/cannot be changed in place: Flux refuses it.*size of volumes/s);
});

test("an app that gets a volume becomes another kind", async () => {
  const changes = await changesOf(web("", "cache"), cache());
  expect(objectOf(changes, "app-cache", "Deployment").action).toBe("delete");
  expect(texts(objectOf(changes, "app-cache", "StatefulSet").marks)).toMatch(/becomes a StatefulSet/);
});

test("an autoscaler that comes or goes is told", async () => {
  const scaled = web(", scale: { min: 2, max: 5 }");
  const on = objectOf(await changesOf(web(), scaled), "app-web", "HorizontalPodAutoscaler");
  expect(texts(on.marks)).toMatch(/autoscaler of web on.*do not fall to 1/);
  const off = objectOf(await changesOf(scaled, web()), "app-web", "HorizontalPodAutoscaler");
  expect(texts(off.marks)).toMatch(/autoscaler of web off: .* to 1 pods/);
});

test("a canary that comes or goes is told", () => {
  const metadata = { name: "web", namespace: "shop" };
  const canary = { apiVersion: "flagger.app/v1beta1", kind: "Canary", metadata };
  expect(texts(objectChanges([], [canary])[0]?.marks ?? [])).toMatch(/canary of web on/);
  expect(texts(objectChanges([canary], [])[0]?.marks ?? [])).toMatch(/canary of web off/);
});

test("a definition and a namespace stay when their owner goes, and the plan says so", async () => {
  const changes = await changesOf(web(", namespace: far") + cache(), cache(), [
    "parts: { flux: {}, local-path: {}, metrics-server: {}, gateway-api: {} }",
    "parts: { flux: {}, local-path: {}, metrics-server: {} }",
  ]);
  const definition = objectOf(changes, "part-gateway-api", "CustomResourceDefinition");
  expect(definition.action).toBe("orphan");
  expect(texts(definition.marks)).toMatch(/stays, and so do its objects/);
  expect(objectOf(changes, "cluster", "Namespace")).toMatchObject({
    action: "orphan",
    object: { name: "far" },
  });
});
