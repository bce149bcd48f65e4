import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasApiServer } from "../../cluster/testing/api-server.ts";
import { useApiServer } from "../../cluster/testing/use-api-server.ts";
import { commitTree } from "../../emit/git/commit.ts";
import { git } from "../../emit/git/run.ts";
import { type ArtifactStatus, externalArtifact, fluxNamespace } from "./objects.ts";
import { publish } from "./publish.ts";
import {
  fleetFiles,
  installFlux,
  kustomization,
  makeFleet,
  type RunningPublisher,
  runPublisher,
  type TestFleet,
} from "./testing/fleet.ts";

const figures = (line: string) => {
  if (process.env.LANDFALL_TEST_FIGURES) process.stderr.write(`${line}\n`);
};

describe.skipIf(!hasApiServer())("delivery to a real API server", { timeout: 300_000 }, () => {
  const api = useApiServer();
  let fleet: TestFleet;
  let publisher: RunningPublisher | undefined;

  beforeAll(async () => {
    await installFlux(api.client);
  }, 90_000);

  beforeEach(async () => {
    fleet = await makeFleet();
  });
  afterEach(async () => {
    await publisher?.stop();
    publisher = undefined;
    rmSync(fleet.dir, { recursive: true, force: true });
    for (const { kind, apiVersion, metadata } of [
      ...(await artifacts()),
      ...(await api.client.list(kustomization(""))),
    ]) {
      await api.client.remove({ kind, apiVersion }, metadata.name, metadata.namespace);
    }
  });

  const artifacts = () => api.client.list(externalArtifact, { namespace: fluxNamespace });
  const versions = async () =>
    new Map((await artifacts()).map((a) => [a.metadata.name, a.metadata.resourceVersion]));
  const names = async () => [...(await versions()).keys()].sort();
  const offered = async (name: string) => {
    const object = await api.client.get(externalArtifact, name, fluxNamespace);
    return (object?.status as { artifact?: ArtifactStatus } | undefined)?.artifact;
  };
  const start = async () => {
    publisher = await runPublisher(fleet, api.server.kubeconfig);
    return publisher;
  };
  const isPublished = (commit: string) =>
    expect
      .poll(() => publisher?.service.status(), { timeout: 60_000, interval: 10 })
      .toMatchObject({ commit });
  const pass = (commit: string) =>
    publish({
      ...{ repo: fleet.repo, commit, cluster: "local", store: join(fleet.dir, "store"), client: api.client },
      baseUrl: "http://127.0.0.1:1",
    });

  it("publishes what is there at start, then a push, and serves what the status says", async () => {
    const first = await fleet.write({ cart: "1" });
    const { service } = await start();
    await isPublished(first);
    expect(await names()).toEqual(["app-cart", "cluster"]);
    const before = await offered("app-cart");

    const t0 = performance.now();
    const second = await fleet.write({ cart: "2" });
    const t1 = performance.now();
    await isPublished(second);
    figures(
      `push seen and published in ${Math.round(performance.now() - t1)} ms (the commit took ${Math.round(t1 - t0)})`,
    );
    const after = await offered("app-cart");
    expect(after?.revision).toMatch(/^latest@sha256:[0-9a-f]{64}$/);
    expect(after?.revision).not.toBe(before?.revision);
    const response = await fetch(after?.url ?? "");
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.length).toBe(after?.size);
    const object = await api.client.get(externalArtifact, "app-cart", fluxNamespace);
    expect(object?.status).toMatchObject({
      conditions: [{ type: "Ready", status: "True", observedGeneration: object?.metadata.generation }],
    });
    const file = JSON.parse(readFileSync(join(fleet.dir, "published/local/published.json"), "utf8"));
    expect(file).toEqual(service.status());
    expect(file).toMatchObject({ commit: second, artifacts: { "app-cart": after?.revision } });
  });

  it("writes nothing when nothing changed, and one object when one of 300 artifacts did", async () => {
    const apps = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`a${n}`, "1"]));
    const t0 = performance.now();
    expect((await pass(await fleet.write(apps))).written).toHaveLength(301);
    const t1 = performance.now();
    const before = await versions();
    const same = await commitTree({
      ...{ repo: fleet.repo, message: "other", author: { name: "a", email: "b" } },
      files: new Map([...Object.entries(fleetFiles(apps)), ["docs/readme.md", "not an artifact"]]),
    });
    expect((await pass(same.commit)).written).toEqual([]);
    expect(await versions()).toEqual(before);
    const t2 = performance.now();
    const changed = await fleet.write({ ...apps, a7: "2" });
    const t3 = performance.now();
    expect((await pass(changed)).written).toEqual(["app-a7"]);
    figures(
      `301 artifacts: first ${Math.round(t1 - t0)} ms, one changed ${Math.round(performance.now() - t3)} ms, commit ${Math.round(t3 - t2)} ms`,
    );
    const moved = [...(await versions())].filter(([name, version]) => before.get(name) !== version);
    expect(moved.map(([name]) => name)).toEqual(["app-a7"]);
  });

  it("removes an artifact only when no Kustomization names it any more", async () => {
    const first = await fleet.write({ cart: "1", old: "1" });
    await start();
    await isPublished(first);
    await api.client.apply(kustomization("app-old"));
    const second = await fleet.write({ cart: "1" });
    await isPublished(second);
    expect(await names()).toEqual(["app-cart", "app-old", "cluster"]);
    await api.client.remove(kustomization(""), "app-old", fluxNamespace);
    await expect.poll(names, { timeout: 60_000 }).toEqual(["app-cart", "cluster"]);
  });

  it("follows a rewritten history, also to an unrelated commit by a real push", async () => {
    const first = await fleet.write({ cart: "1" });
    const second = await fleet.write({ cart: "2", more: "1" });
    await start();
    await isPublished(second);
    await git(fleet.repo, ["update-ref", "refs/heads/main", first]);
    await isPublished(first);
    await expect.poll(names, { timeout: 60_000 }).toEqual(["app-cart", "cluster"]);
    const other = await makeFleet();
    try {
      const unrelated = await other.write({ third: "1" });
      await git(other.repo, ["push", "--quiet", "--force", fleet.repo, "main:main"]);
      await isPublished(unrelated);
      expect(await names()).toEqual(["app-third", "cluster"]);
    } finally {
      rmSync(other.dir, { recursive: true, force: true });
    }
  });

  it("keeps the last good commit when the head is damaged, says why, and recovers", async () => {
    const good = await fleet.write({ cart: "1" });
    const { service, lines } = await start();
    await isPublished(good);
    const before = await versions();
    const list = JSON.stringify({ artifacts: [{ name: "app-cart", path: "apps/nowhere" }] });
    const bad = await fleet.write({ cart: "2" }, { "clusters/local/artifacts.json": list });
    await expect.poll(() => service.status().error?.commit, { timeout: 60_000 }).toBe(bad);
    expect(service.status()).toMatchObject({
      commit: good,
      error: { text: expect.stringContaining("apps/nowhere") },
    });
    expect(lines.some((line) => line.includes("LF3002"))).toBe(true);
    expect(await versions()).toEqual(before);
    const fixed = await fleet.write({ cart: "3" });
    await isPublished(fixed);
    expect(service.status().error).toBeUndefined();
  });

  it("waits for an API server that is away, and puts back what was deleted or changed by hand", async () => {
    const first = await fleet.write({ cart: "1", two: "1" });
    await start();
    await isPublished(first);
    await publisher?.stop();
    await api.client.remove(externalArtifact, "app-cart", fluxNamespace);
    await api.client.patch(
      externalArtifact,
      { name: "app-two", namespace: fluxNamespace },
      { status: { artifact: { digest: "sha256:00" } } },
      { subresource: "status" },
    );
    await api.server.kill();
    const { service } = await start();
    await expect.poll(() => service.status().error?.text, { timeout: 60_000 }).toContain("LF6001");
    await api.server.restart();
    await expect.poll(() => service.status().error, { timeout: 60_000 }).toBeUndefined();
    expect(await names()).toEqual(["app-cart", "app-two", "cluster"]);
    expect((await offered("app-two"))?.digest).not.toBe("sha256:00");
  });
});
