import { describe, expect, it } from "vitest";
import type { LandfallError } from "../util/errors.ts";
import { refusedWith } from "./errors.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { discovery } from "./resources.ts";
import { hasApiServer } from "./testing/api-server.ts";
import { useApiServer } from "./testing/use-api-server.ts";
import { openTransport } from "./transport.ts";
import type { WatchEvent } from "./types.ts";
import { watchObjects } from "./watch.ts";

const configMap = { apiVersion: "v1", kind: "ConfigMap" };
const priority = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass" };
const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.test.example" },
  spec: {
    group: "test.example",
    scope: "Namespaced",
    names: { kind: "Thing", listKind: "ThingList", plural: "things", singular: "thing" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

describe.skipIf(!hasApiServer())("a real API server", { timeout: 300_000 }, () => {
  const api = useApiServer();

  const map = (name: string, data: Record<string, string>, labels?: Record<string, string>) => ({
    ...configMap,
    metadata: { name, namespace: "default", ...(labels && { labels }) },
    data,
  });

  it("applies, reads, lists by label, patches and removes", async () => {
    const made = await api.client.apply(map("one", { a: "1" }, { app: "x" }));
    expect(await api.client.apply(map("one", { a: "1" }, { app: "x" }))).toEqual(made);
    await api.client.patch(configMap, { name: "one", namespace: "default" }, { data: { b: "2" } });
    expect((await api.client.get(configMap, "one", "default"))?.data).toEqual({ a: "1", b: "2" });
    const listed = await api.client.list(configMap, { namespace: "default", labelSelector: "app=x" });
    expect(listed.map((o) => `${o.kind} ${o.metadata.name}`)).toEqual(["ConfigMap one"]);
    expect(await api.client.remove(configMap, "one", "default")).toBe(true);
    expect(await api.client.remove(configMap, "one", "default")).toBe(false);
    expect(await api.client.get(configMap, "one", "default")).toBeUndefined();
  });

  it("keeps fields of other managers, names the conflict, and takes them over only by force", async () => {
    await api.client.apply(map("shared", { a: "theirs", b: "theirs" }), { fieldManager: "other" });
    const conflict = await api.client.apply(map("shared", { a: "ours" })).catch((e: unknown) => e);
    expect(refusedWith(conflict)).toBe(409);
    expect((conflict as LandfallError).problems[0]).toMatchObject({
      code: "LF6002",
      why: expect.stringMatching(/other[\s\S]*\.data\.a/),
      fix: expect.stringContaining("another manager"),
    });
    const taken = await api.client.apply(map("shared", { a: "ours" }), { force: true });
    expect(taken.data).toEqual({ a: "ours", b: "theirs" });
  });

  it("answers a dry run with defaults and stores nothing; keeps the server's causes on refusal", async () => {
    const pod = (name: string) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "default" },
      spec: { containers: [{ name, image: "x" }] },
    });
    const dry = await api.client.dryRun(pod("main"));
    expect(dry.spec).toMatchObject({ restartPolicy: "Always" });
    expect(await api.client.get(pod(""), "p", "default")).toBeUndefined();
    await expect(api.client.dryRun(pod("Not_A_Name"))).rejects.toMatchObject({
      problems: [{ code: "LF6002", why: expect.stringContaining("spec.containers[0].name") }],
    });
  });

  it("finds cluster-scoped kinds and CRDs that come later, and writes status apart from spec", async () => {
    expect(await api.client.get(priority, "system-node-critical")).toMatchObject({ kind: "PriorityClass" });
    const thing = {
      apiVersion: "test.example/v1",
      kind: "Thing",
      metadata: { name: "t", namespace: "default" },
    };
    expect(refusedWith(await api.client.list(thing).catch((e: unknown) => e))).toBe(404);
    await api.client.apply(crd);
    await expect.poll(() => api.client.list(thing).catch(refusedWith), { timeout: 60_000 }).toEqual([]);
    await expect
      .poll(() => api.client.apply({ ...thing, spec: { size: 1 } }).then(() => true, refusedWith), {
        timeout: 60_000,
      })
      .toBe(true);
    const live = await api.client.applyStatus({ ...thing, status: { ready: true } });
    expect(live).toMatchObject({ spec: { size: 1 }, status: { ready: true } });
    await expect(api.client.get({ ...thing, kind: "Nothing" }, "t", "default")).rejects.toThrow(/LF6002/);
  });

  it("answers any path, health and version among them", async () => {
    expect(await api.client.raw("/readyz")).toEqual({ status: 200, text: "ok" });
    expect(JSON.parse((await api.client.raw("/version")).text).gitVersion).toMatch(/^v1\./);
    expect((await api.client.raw("/no/such/path")).status).toBe(404);
  });

  it("says why a log cannot be read", async () => {
    const pod = { namespace: "default", name: "none" };
    await expect(api.client.logs(pod)).rejects.toMatchObject({
      problems: [{ why: expect.stringContaining('"none"') }],
    });
    const lines: string[] = [];
    const following = api.client.followLogs(
      pod,
      {},
      (line) => lines.push(line),
      new AbortController().signal,
    );
    await expect(following).rejects.toThrow(/LF6002/);
  });

  it("watches through a crash of the API server and tells what changed meanwhile", async () => {
    await api.client.apply(map("w-old", {}, { watch: "yes" }));
    const events: string[] = [];
    const abort = new AbortController();
    const onEvent = (event: WatchEvent) => {
      events.push("object" in event ? `${event.type} ${event.object.metadata.name}` : event.type);
    };
    const watching = api.client.watch(
      configMap,
      { namespace: "default", labelSelector: "watch=yes" },
      onEvent,
      abort.signal,
    );
    await expect.poll(() => events).toEqual(["added w-old", "synced"]);
    await api.client.apply(map("w-new", {}, { watch: "yes" }));
    await api.client.apply(map("w-new", { a: "1" }, { watch: "yes" }));
    await expect.poll(() => events.slice(2)).toEqual(["added w-new", "modified w-new"]);

    await api.server.kill();
    await expect.poll(() => events.at(-1), { timeout: 60_000 }).toBe("broken");
    await api.server.restart();
    await api.client.remove(configMap, "w-old", "default");
    await expect.poll(() => events.at(-1), { timeout: 60_000 }).toBe("deleted w-old");
    expect(events.filter((e) => e !== "broken").slice(4)).toEqual(["deleted w-old"]);
    abort.abort();
    await watching;
  });

  it("tells a caller that waits when the server dies, and works again with the same client", async () => {
    await api.server.kill();
    await expect(api.client.raw("/readyz")).rejects.toThrow(/LF6001 the cluster at https/);
    await api.server.restart();
    expect((await api.client.raw("/readyz")).status).toBe(200);
  });

  it("lists anew when the server has forgotten a version, and tells what vanished", async () => {
    // A server that was started anew remembers no event from before.
    const old = await api.client.raw("/api/v1/configmaps?watch=1&resourceVersion=1&timeoutSeconds=1");
    expect(old.text).toContain('"code":410');
    const gone = await api.client.apply(map("gone", {}, { again: "yes" }));
    await api.client.remove(configMap, "gone", "default");
    await api.client.apply(map("here", {}, { again: "yes" }));
    const events: string[] = [];
    const abort = new AbortController();
    const transport = openTransport(readKubeconfig(api.server.kubeconfig));
    const watching = watchObjects({
      ...{ transport, discover: discovery(transport), gvk: configMap, signal: abort.signal },
      options: { namespace: "default", labelSelector: "again=yes" },
      onEvent: (event) =>
        events.push("object" in event ? `${event.type} ${event.object.metadata.name}` : event.type),
      version: "1",
      seen: new Map([["default/gone/uid", gone]]),
    });
    await expect.poll(() => events, { timeout: 60_000 }).toEqual(["added here", "deleted gone", "synced"]);
    abort.abort();
    await watching;
    transport.close();
  });

  it("sends many requests at a time over a few kept connections", async () => {
    const t0 = performance.now();
    await Promise.all(
      Array.from({ length: 300 }, (_, n) => api.client.apply(map(`many-${n}`, { n: `${n}` }))),
    );
    const ms = performance.now() - t0;
    expect((await api.client.list(configMap, { namespace: "default" })).length).toBeGreaterThanOrEqual(300);
    if (process.env.LANDFALL_TEST_FIGURES) process.stderr.write(`300 applies: ${Math.round(ms)} ms\n`);
  });
});
