import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasApiServer } from "../cluster/testing/api-server.ts";
import { useApiServer } from "../cluster/testing/use-api-server.ts";
import { identityOf } from "../compile/identity.ts";
import { compile } from "../compile/index.ts";
import { findBinary } from "../embedded/binaries/find.ts";
import { run } from "../embedded/machine/run.ts";
import { kubernetesScalar } from "../import/kubernetes-scalars.ts";
import { normalForm } from "../import/normal-form.ts";
import { readYaml } from "../import/read-yaml.ts";
import { registry } from "../parts/index.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { importFrom } from "./import.ts";
import { planLive } from "./plan.ts";
import {
  anything,
  assigned,
  folder,
  inNamespace,
  madeAnew,
  originals,
  post,
  scalars,
  withoutHostPorts,
} from "./testing/import-server.ts";

const today = "2026-11-21";

describe.skipIf(!hasApiServer())("held against a real API server", { timeout: 240_000 }, () => {
  const api = useApiServer();
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "landfall-import-live-"));
    for (const name of ["shop", "fresh"])
      await api.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await api.client.apply(anything);
  }, 120_000);
  afterAll(async () => {
    rmSync(dir, { recursive: true, force: true });
  });

  it("reads YAML as Kubernetes reads it", async () => {
    const lines = scalars.map((text, i) => `  k${i}: ${text}`);
    const body = `apiVersion: test.example/v1\nkind: Anything\nmetadata: {name: a, namespace: shop}\nspec:\n${lines.join("\n")}\n  yes: key\n  0644: octal\n  merged: {<<: {a: 1, b: 2}, b: 3}\n`;
    const stored = await post(api.server, "/apis/test.example/v1/namespaces/shop/anythings?dryRun=All", body);
    const [own] = readYaml(body, "test.yaml");
    expect(own?.value).toMatchObject({ spec: stored.spec });
    expect(JSON.stringify(own?.value).length).toBeGreaterThan(500);
    expect(scalars.map(kubernetesScalar).filter((value) => typeof value !== "string").length).toBeGreaterThan(
      30,
    );
  });

  it("knows what the API server fills in, kind by kind", async () => {
    const all = [...originals("boutique"), ...originals("extras")]
      .map(inNamespace("fresh"))
      .filter(({ kind }) => kind !== "Secret");
    const kinds = new Set<string>();
    for (const object of all) {
      const { status: _, ...stored } = await api.client.dryRun(withoutHostPorts(object), { force: true });
      const told = withoutHostPorts(assigned(stored as KubernetesObject));
      expect(normalForm(told), identityOf(object)).toEqual(normalForm(withoutHostPorts(object)));
      kinds.add(object.kind);
    }
    expect(kinds.size).toBeGreaterThan(13);
  });

  it("imports Online Boutique and more to what the server stores alike, to the last field", async () => {
    const out = join(dir, "files");
    const source = join(folder);
    await importFrom({
      source: join(source, "online-boutique"),
      out,
      form: "ts",
      harden: false,
      values: [],
      today,
      namespace: "fresh",
      name: "fresh",
    });
    const rest = join(dir, "rest");
    await importFrom({
      source: join(source, "extras.yaml"),
      out: rest,
      form: "yaml",
      harden: false,
      values: [],
      today,
      namespace: "fresh",
      name: "fresh",
    });
    const made = [...(await built(out)), ...(await built(rest))];
    const given = [...originals("boutique"), ...originals("extras")]
      .map(inNamespace("fresh"))
      .filter(({ kind }) => kind !== "Secret");
    expect(made.map(identityOf).sort()).toEqual(given.map(identityOf).sort());
    for (const original of given) {
      const same = made.find((object) => identityOf(object) === identityOf(original)) as KubernetesObject;
      const [a, b] = [
        await api.client.dryRun(original, { force: true }),
        await api.client.dryRun(same, { force: true }),
      ];
      expect(assigned(b), identityOf(original)).toEqual(assigned(a));
    }
  });

  it("imports a running cluster: no pod template and no claim changes", async () => {
    const kubectl = (await findBinary("kubectl")).path;
    const apply = async (file: string) =>
      run(kubectl, ["--kubeconfig", api.server.kubeconfig, "-n", "shop", "apply", "-f", file], {
        timeoutMs: 60_000,
      });
    for (const file of [join(folder, "online-boutique"), join(folder, "extras.yaml")])
      expect(await apply(file)).toMatchObject({ code: 0 });
    // As a controller would leave it.
    await api.client.patch(
      deployments,
      { name: "web-deployment", namespace: "shop" },
      { metadata: { annotations: { "deployment.kubernetes.io/revision": "3" } } },
    );
    const owned = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "owned",
        namespace: "shop",
        ownerReferences: [
          { apiVersion: "v1", kind: "Pod", name: "x", uid: "11111111-1111-1111-1111-111111111111" },
        ],
      },
    };
    await api.client.apply(owned as never);

    const out = join(dir, "live");
    const live = { context: "test", kubeconfig: api.server.kubeconfig, namespaces: ["shop"] };
    const { outcomes, tree } = await importFrom({ live, out, form: "ts", harden: false, values: [], today });
    const given = [...originals("boutique"), ...originals("extras")].map(inNamespace("shop"));
    expect(outcomes.map(({ object }) => object).sort()).toEqual(given.map(identityOf).sort());
    expect(readFileSync(join(out, "landfall.config.ts"), "utf8")).not.toContain("not-for-the-declaration");
    expect(tree.clusters).toEqual({ test: { type: "kubernetes", context: "test" } });

    const made = await built(out);
    expect(made.map(identityOf).sort()).toEqual(
      given
        .filter(({ kind }) => kind !== "Secret")
        .map(identityOf)
        .sort(),
    );
    const counts = { templates: 0, claims: 0 };
    for (const object of made) {
      const { name, namespace } = object.metadata;
      const before = await api.client.get(object, name, namespace);
      // As the delivery will apply it: by its own manager, over what others wrote.
      const after = await api.client.dryRun(object, { force: true, fieldManager: "kustomize-controller" });
      expect(assigned(after), identityOf(object)).toEqual(assigned(before as KubernetesObject));
      const { template, volumeClaimTemplates } = (before?.spec ?? {}) as {
        template?: object;
        volumeClaimTemplates?: object;
      };
      counts.templates += template ? 1 : 0;
      counts.claims += volumeClaimTemplates ? 1 : 0;
      // What others once applied goes when they give it up: made anew, it is the same too.
      const fresh = await api.client.dryRun(madeAnew(assigned(before as KubernetesObject)));
      const again = await api.client.dryRun(madeAnew(object));
      expect(assigned(again), `${identityOf(object)}, made anew`).toEqual(assigned(fresh));
    }
    expect(counts).toEqual({ templates: 15, claims: 1 });
  });

  it("is followed by a live plan in which no pod restarts and no volume moves", async () => {
    const before = process.env.KUBECONFIG;
    process.env.KUBECONFIG = api.server.kubeconfig;
    try {
      const { changes } = await planLive(join(dir, "live"), "test");
      const apps = changes.units.filter(({ kind }) => kind === "app");
      const objects = apps.flatMap((unit) => unit.objects);
      expect(apps.reduce((sum, { restarts }) => sum + restarts, 0)).toBe(0);
      expect(
        objects
          .filter(({ action }) => action !== "change")
          .map(({ action, object }) => [action, object.kind]),
      ).toEqual([]);
      expect(
        objects
          .flatMap(({ fields }) => fields)
          .filter(({ path }) => /template|volumeClaim|selector/i.test(path)),
      ).toEqual([]);
      expect(changes.summary).toMatchObject({ restarts: 0, replace: 0, delete: 0, destructive: 0 });
    } finally {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    }
  });

  it("hardened, it is something the server takes in the place of what runs", async () => {
    const out = join(dir, "live-hard");
    const live = { context: "test", kubeconfig: api.server.kubeconfig, namespaces: ["shop"] };
    const { improved } = await importFrom({ live, out, form: "ts", harden: true, values: [], today });
    const made = await built(out);
    // Names, selectors and claims cannot change in place: the server would refuse.
    for (const object of made)
      await api.client.dryRun(object, { force: true, fieldManager: "kustomize-controller" });
    expect(made.filter(({ kind }) => kind === "NetworkPolicy")).toHaveLength(14);
    expect(new Set(improved.map(({ app }) => app)).size).toBe(14);
  });

  it("says so when a cluster has nothing that people made", async () => {
    const live = { context: "test", kubeconfig: api.server.kubeconfig, namespaces: ["kube-system"] };
    const work = importFrom({ live, out: join(dir, "none"), form: "ts", harden: false, values: [], today });
    await expect(work).rejects.toThrow(/LF1023 nothing to import/);
  });

  const built = async (path: string) => {
    const plan = await compile(path, { registry, today });
    return (
      plan.clusters[0]?.bundles.filter(({ kind }) => kind === "app").flatMap(({ objects }) => objects) ?? []
    );
  };
});

const deployments = { apiVersion: "apps/v1", kind: "Deployment" };
