import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "../compile/index.ts";
import { expectSame } from "../import/testing/faithful.ts";
import { registry } from "../parts/index.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { importFrom } from "./import.ts";
import { readChart, readKustomization } from "./import-tools.ts";

const today = "2026-11-21";
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "landfall-import-tools-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, files: Record<string, string>) => {
  for (const [file, text] of Object.entries(files)) {
    const path = join(dir, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return join(dir, name);
};
const run = (source: string, out: string, more: object = {}) =>
  importFrom({ source, out: join(dir, out), form: "ts", harden: false, values: [], today, ...more });
const built = async (path: string): Promise<KubernetesObject[]> => {
  const plan = await compile(path, { registry, today });
  return (
    plan.clusters[0]?.bundles.filter(({ kind }) => kind === "app").flatMap(({ objects }) => objects) ?? []
  );
};
const deployment =
  "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: web}}\n  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'web:1', envFrom: [{configMapRef: {name: settings}}]}]}}\n";

describe("kustomize overlays, by the real kustomize", () => {
  const overlay = () =>
    write("overlays", {
      "base/kustomization.yaml":
        "resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [LEVEL=info]}]\n",
      "base/web.yaml": deployment,
      "prod/kustomization.yaml":
        "resources: [../base]\nnamespace: prod\nnamePrefix: acme-\nimages: [{name: web, newTag: '7'}]\nreplicas: [{name: web, count: 4}]\n" +
        "patches:\n  - target: {kind: Deployment}\n    patch: |\n      - {op: add, path: /spec/template/spec/containers/0/env, value: [{name: A, value: 'yes'}]}\n",
    });

  it("are imported as they are applied, and built again to the same", async () => {
    const path = join(overlay(), "prod");
    const { tree, outcomes } = await run(path, "overlay-out");
    expect(tree.company).toBe("prod");
    expect(tree.apps["acme-web"]).toMatchObject({ image: "web:7", scale: { min: 4 }, env: { A: "yes" } });
    expect(outcomes).toHaveLength(2);
    const originals = (await readKustomization(path)).sources.map(({ object }) => object);
    expectSame(await built(join(dir, "overlay-out")), originals);
  });

  it("that take bases from the network are refused, also where another names them", async () => {
    const path = write("remote", {
      "a/kustomization.yaml": "resources: [../b]\n",
      "b/kustomization.yaml": "resources: ['https://example.com/base.yaml']\n",
    });
    await expect(run(join(path, "a"), "x")).rejects.toThrow(
      /LF1023 .*takes https:\/\/example.com\/base.yaml from the network/,
    );
  });

  it("that reach out of their folder, or do not build, end with kustomize's own words", async () => {
    write("outside", { "secret.yaml": deployment });
    const path = write("escape", { "kustomization.yaml": "resources: [../outside/secret.yaml]\n" });
    await expect(run(path, "x")).rejects.toThrow(/LF1023 kustomize cannot build/);
  });
});

describe("Helm charts, by the real helm", () => {
  const chart = () =>
    write("chart", {
      "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
      "values.yaml": "tag: '1'\nreplicas: 2\n",
      "crds/thing.yaml":
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.acme.io}\nspec: {group: acme.io, scope: Cluster, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}\n",
      "templates/all.yaml": deployment
        .replace(
          "name: web}",
          "name: {{ .Release.Name }}-web, namespace: {{ .Release.Namespace }}, labels: {app.kubernetes.io/managed-by: {{ .Release.Service }}}}",
        )
        .replace("web:1", "web:{{ .Values.tag }}")
        .replace("replicas: 1", "replicas: {{ .Values.replicas }}"),
      "templates/config.yaml":
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: {{ .Release.Namespace }}}, data: {LEVEL: info}}\n",
      "templates/hook.yaml":
        'apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, namespace: {{ .Release.Namespace }}, annotations: {helm.sh/hook: "pre-upgrade,pre-install"}}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: "web:1", command: ["migrate"]}]}}}\n',
    });

  it("are rendered with values, hooks flagged, definitions kept, and built again to the same", async () => {
    const values = join(write("values", { "prod.yaml": "tag: '9'\n" }), "prod.yaml");
    const { tree, notes, outcomes } = await run(chart(), "chart-out", {
      values: [values],
      namespace: "prod",
      name: "acme",
    });
    expect(tree.apps["acme-web"]).toMatchObject({ image: "web:9", scale: { min: 2 }, namespace: "prod" });
    expect(notes.join("\n")).toContain("Job migrate (chart (helm):");
    expect(notes.join("\n")).toContain("is a Helm hook (pre-upgrade,pre-install)");
    expect(outcomes.map(({ object, as }) => `${as} ${object}`).sort()).toEqual([
      "folded Deployment prod/acme-web",
      "raw ConfigMap prod/settings",
      "raw CustomResourceDefinition things.acme.io",
      "raw Job prod/migrate",
    ]);
    const originals = (await readChart(chart(), { release: "acme", namespace: "prod", values: [values] }))
      .sources;
    const made = await built(join(dir, "chart-out"));
    // Flux must never prune a definition; the compiler says so on each.
    const definition = made.find(({ kind }) => kind === "CustomResourceDefinition");
    expect(definition?.metadata.annotations).toEqual({ "kustomize.toolkit.fluxcd.io/prune": "disabled" });
    if (definition) delete definition.metadata.annotations;
    expectSame(
      made,
      originals.map(({ object }) => object),
    );
  });

  it("that do not render end with helm's own words", async () => {
    const path = write("broken", {
      "Chart.yaml": "apiVersion: v2\nname: b\nversion: 1.0.0\n",
      "templates/a.yaml": '{{ fail "no tag" }}',
    });
    await expect(run(path, "x")).rejects.toMatchObject({
      problems: [{ code: "LF1023", why: expect.stringContaining("no tag") }],
    });
  });
});

describe("repositories of this machine", () => {
  it("are read at their head, a folder inside by #, without following links out", async () => {
    const work = write("repo", { "k8s/web.yaml": deployment, "other/broken.yaml": "a: [" });
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", work, "-c", "user.name=a", "-c", "user.email=a@b", ...args]);
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "-m", "one");
    writeFileSync(join(work, "k8s/web.yaml"), "not: committed\n");
    const { tree } = await run(`file://${work}/.git#k8s`, "repo-out", { name: "acme" });
    expect(Object.keys(tree.apps)).toEqual(["web"]);
    expect(readFileSync(join(dir, "repo-out", "landfall.config.ts"), "utf8")).toContain('app("web"');
    await expect(run(`file://${work}/.git#../..`, "x")).rejects.toThrow(
      /LF1023 .*leads out of the repository/,
    );
  });
});
