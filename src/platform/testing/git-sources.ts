/**
 * What Flux' source-controller and source-watcher do, for tests on machines where neither can be had: a GitRepository
 * offers the whole folder, an ArtifactGenerator what it copies out of it. Deployments count as rolled out, since no
 * controller runs that would do it. Nothing of landfall's own delivery is used.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { ClusterClient } from "../../cluster/client.ts";
import type { LiveObject } from "../../cluster/types.ts";

const source = (kind: string) => ({ apiVersion: "source.toolkit.fluxcd.io/v1", kind });
const generator = { apiVersion: "source.extensions.fluxcd.io/v1beta1", kind: "ArtifactGenerator" };

interface GeneratorSpec {
  artifacts: { name: string; copy: { from: string; to: string }[] }[];
}

/** Serve `folder` as the Git repository that the cluster's sources name, until stopped. */
export async function runGitSources(
  client: ClusterClient,
  folder: string,
): Promise<{ stop(): Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), "landfall-sources-"));
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(dir, basename(request.url ?? ""))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      // An object may change under our hands, or its kind not be served yet: the next round sees to it.
      await round({ client, folder, dir, base }).catch(() => undefined);
      await new Promise((done) => setTimeout(done, 200));
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await running;
      server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface Sources {
  client: ClusterClient;
  folder: string;
  dir: string;
  base: string;
}

async function round(sources: Sources): Promise<void> {
  const { client, folder } = sources;
  await rollOut(client);
  for (const repository of await client.list(source("GitRepository")))
    await offer(sources, repository, folder, "main");
  for (const { metadata, spec } of await client.list(generator)) {
    for (const { name, copy } of (spec as GeneratorSpec).artifacts) {
      const staged = mkdtempSync(join(sources.dir, "stage-"));
      for (const { from, to } of copy) copyOut(folder, staged, from, to);
      const { kind, apiVersion } = source("ExternalArtifact");
      const object = { apiVersion, kind, metadata: { name, namespace: metadata.namespace as string } };
      await offer(sources, await client.apply(object), staged, "latest");
      rmSync(staged, { recursive: true });
    }
  }
}

/** `@fleet/apps/cart/**` is what is in the folder, without the stars a file. */
function copyOut(folder: string, staged: string, from: string, to: string): void {
  const path = join(folder, from.replace(/^@[^/]+\//, "").replace(/\/\*\*$/, ""));
  const target = join(staged, to.replace(/^@artifact\//, ""));
  const whole = from.endsWith("/**");
  const place = whole || !to.endsWith("/") ? target : join(target, basename(path));
  mkdirSync(dirname(place), { recursive: true });
  cpSync(path, place, { recursive: whole });
}

/** Offer a folder as the artifact of a source, where it is another than before. */
async function offer(
  { client, dir, base }: Sources,
  live: LiveObject,
  folder: string,
  branch: string,
): Promise<void> {
  const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--exclude=.git", "--mode=a+rX"];
  const archive = execFileSync("tar", [...same, "-cf", "-", "-C", folder, "."], { maxBuffer: 2 ** 28 });
  const digest = createHash("sha256").update(archive).digest("hex");
  const before = live.status as { artifact?: { revision: string } } | undefined;
  const revision = `${branch}@sha256:${digest}`;
  if (before?.artifact?.revision === revision) return;
  const file = join(dir, `${digest}.tar.gz`);
  writeFileSync(file, execFileSync("gzip", ["-n"], { input: archive, maxBuffer: 2 ** 28 }));
  const packed = createHash("sha256").update(readFileSync(file)).digest("hex");
  const now = new Date().toISOString().replace(/\.\d+/, "");
  const { name, namespace = "" } = live.metadata;
  const ready = { type: "Ready", status: "True", reason: "Succeeded", message: revision };
  const artifact = {
    url: `${base}/${digest}.tar.gz`,
    path: basename(file),
    digest: `sha256:${packed}`,
    revision,
    size: statSync(file).size,
    lastUpdateTime: now,
  };
  const conditions = [
    { ...ready, lastTransitionTime: now, observedGeneration: live.metadata.generation ?? 1 },
  ];
  const status = { artifact, conditions, observedGeneration: live.metadata.generation ?? 1 };
  await client.patch(live, { name, namespace }, { status }, { subresource: "status" });
}

/** Say of every Deployment that its pods run. */
async function rollOut(client: ClusterClient): Promise<void> {
  for (const live of await client.list({ apiVersion: "apps/v1", kind: "Deployment" })) {
    const { name, namespace = "", generation = 1 } = live.metadata;
    const { observedGeneration } = (live.status ?? {}) as { observedGeneration?: number };
    if (observedGeneration === generation) continue;
    const { replicas = 1 } = live.spec as { replicas?: number };
    const counts = {
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
    };
    const conditions = [
      { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "" },
      { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "" },
    ];
    const status = { observedGeneration: generation, ...counts, conditions };
    const gvk = { apiVersion: "apps/v1", kind: "Deployment" };
    await client.patch(gvk, { name, namespace }, { status }, { subresource: "status" });
  }
}
