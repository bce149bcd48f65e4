/** What the source-watcher says, as a real API server keeps it; its own program cannot be had here. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { objectsIn } from "../../changes/manifests.ts";
import { hasApiServer } from "../../cluster/testing/api-server.ts";
import { useApiServer } from "../../cluster/testing/use-api-server.ts";
import { artifactGenerators } from "../../emit/flux/git-source.ts";
import { withGeneratorPointers } from "../../emit/flux/index.ts";
import { crdBundle } from "../../schema/pack.ts";
import { toYaml } from "../../util/yaml.ts";
import { bundlesSeen } from "./observe-cluster.ts";

const namespace = "flux-system";
const generatorKind = { apiVersion: "source.extensions.fluxcd.io/v1beta1", kind: "ArtifactGenerator" };
const kustomizations = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
const [was, is] = [`latest@sha256:${"a".repeat(64)}`, `latest@sha256:${"b".repeat(64)}`];
const contents = new Map([
  ["releases/r/from/apps/web.yaml", was],
  ["releases/r/to/apps/web.yaml", is],
]);
const packed = (digit: string) => `sha256:${digit.repeat(64)}`;

/** The generator as landfall writes it, pointing at a path. */
function generator(path: string) {
  const here = [{ bundle: { name: "app-web" }, variant: { path: "apps/web.yaml" } }];
  const [emitted] = artifactGenerators(here as never, namespace);
  const [pointed] = objectsIn(withGeneratorPointers(toYaml(emitted), new Map([["app-web", path]])));
  if (!pointed) throw new Error("no generator");
  return pointed;
}

describe.skipIf(!hasApiServer())("a cluster that reads from a Git host", { timeout: 300_000 }, () => {
  const api = useApiServer();
  const look = async () => {
    const seen = await bundlesSeen(api.client, namespace, new Map([["app-web", []]]), contents);
    return seen["app-web"];
  };
  const say = async (
    object: { apiVersion: string; kind: string; metadata: { name: string } },
    status: object,
  ) => {
    const { apiVersion, kind, metadata } = object;
    await api.client.applyStatus(
      { apiVersion, kind, metadata: { name: metadata.name, namespace }, status },
      { force: true },
    );
  };
  const ready = (observedGeneration: number) => ({
    conditions: [
      {
        ...{ type: "Ready", status: "True", reason: "Succeeded", message: "", observedGeneration },
        lastTransitionTime: "2026-01-01T00:00:00Z",
      },
    ],
  });
  const inventory = (digest: string) => ({
    inventory: [{ name: "app-web", namespace, digest, filename: "x.tar.gz" }],
  });
  const web = {
    ...kustomizations,
    metadata: { name: "app-web", namespace },
    spec: { interval: "10m", prune: true, sourceRef: { kind: "ExternalArtifact", name: "app-web" } },
  };

  beforeAll(async () => {
    await api.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    for (const bundle of ["flux", "flux-source-watcher"] as const)
      for (const crd of crdBundle(bundle)) await api.client.apply(crd);
    // Definitions are served a moment after they were applied.
    await vi.waitFor(() => api.client.apply(web), { timeout: 60_000, interval: 200 });
    await vi.waitFor(() => api.client.list(generatorKind, { namespace }), { timeout: 60_000 });
    await say(web, {
      ...ready(1),
      lastAppliedRevision: `latest@${packed("1")}`,
      lastAttemptedRevision: `latest@${packed("1")}`,
    });
  }, 90_000);

  test("what Flux applied is told by the path it was made of, and by nothing older", async () => {
    const from = generator("releases/r/from/apps/web.yaml");
    await api.client.apply(from);
    expect(await look()).toMatchObject({ applied: `latest@${packed("1")}` });
    await say(from, { ...ready(1), ...inventory(packed("1")) });
    expect(await look()).toMatchObject({ applied: was, attempted: was, ready: true });

    // Pointed elsewhere, and not looked at yet: the inventory is still of what was before.
    await api.client.apply(generator("releases/r/to/apps/web.yaml"));
    expect(await look()).toMatchObject({ applied: `latest@${packed("1")}` });
    await say(from, { ...ready(2), ...inventory(packed("2")) });
    expect(await look()).toMatchObject({ applied: `latest@${packed("1")}` });
    await say(web, {
      ...ready(1),
      lastAppliedRevision: `latest@${packed("1")}`,
      lastAttemptedRevision: `latest@${packed("2")}`,
    });
    expect(await look()).toMatchObject({ applied: `latest@${packed("1")}`, attempted: is, ready: false });
    await say(web, {
      ...ready(1),
      lastAppliedRevision: `latest@${packed("2")}`,
      lastAttemptedRevision: `latest@${packed("2")}`,
    });
    expect(await look()).toMatchObject({ applied: is, attempted: is, ready: true });

    // Any other path may hold another content later.
    await api.client.apply(generator("apps/web.yaml"));
    await say(from, { ...ready(3), ...inventory(packed("2")) });
    expect(await look()).toMatchObject({ applied: `latest@${packed("2")}` });
  });
});
