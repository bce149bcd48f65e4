/** Flux makes a kustomization of all YAML files in a folder; the real kustomize (in kubectl) must read each of ours. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { findProgram } from "../../cluster/testing/programs.ts";
import { compile } from "../../compile/index.ts";
import { registry } from "../../parts/index.ts";
import { emitFleet } from "./index.ts";

const kubectl = findProgram("kubectl");
const base = mkdtempSync(join(tmpdir(), "landfall-kustomize-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** What kustomize makes of a folder's files, as Flux would ask it. */
function kustomize(folder: string, files: [string, string][]): unknown[] {
  const dir = join(base, folder);
  mkdirSync(dir, { recursive: true });
  for (const [path, text] of files) writeFileSync(join(dir, basename(path)), text);
  const resources = files.map(([path]) => basename(path));
  writeFileSync(
    join(dir, "kustomization.yaml"),
    stringify({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources }),
  );
  const { path = "", argv0 = "" } = kubectl ?? {};
  const options = { argv0, encoding: "utf8", maxBuffer: 2 ** 28 } as const;
  const { stdout, stderr, status } = spawnSync(path, ["kustomize", dir], options);
  expect(status, stderr).toBe(0);
  return objectsIn(stdout);
}

const objectsIn = (text: string): unknown[] => parseAllDocuments(text).map((document) => document.toJSON());

/** In the order of their identities; kustomize sorts them in its own. */
function sorted(objects: unknown[]): unknown[] {
  const identity = (object: unknown) => {
    const { kind, metadata } = object as { kind: string; metadata: { name: string; namespace?: string } };
    return `${kind}/${metadata.namespace}/${metadata.name}`;
  };
  return [...objects].sort((a, b) => (identity(a) < identity(b) ? -1 : 1));
}

test.skipIf(!kubectl).each(["company", "git-host", "minimal"])(
  "kustomize reads every folder of %s as it was written",
  async (name) => {
    const declaration = fileURLToPath(new URL(`../../../test/golden/${name}`, import.meta.url));
    const yaml = [...emitFleet(await compile(declaration, { registry }))].filter(
      ([path]) => path.endsWith(".yaml") && basename(path) !== "kustomization.yaml",
    );
    // An app's objects are one file, and an artifact of its own.
    const folders = Map.groupBy(yaml, ([path]) => (path.startsWith("apps/") ? path : dirname(path)));
    expect(folders.size).toBeGreaterThan(2);
    for (const [folder, files] of folders) {
      const written = files.flatMap(([, text]) => objectsIn(text));
      expect(sorted(kustomize(join(name, folder), files)), folder).toEqual(sorted(written));
    }
  },
);

test.skipIf(!kubectl)("kustomize follows a root to the Kustomizations that clusters share", async () => {
  const declaration = fileURLToPath(new URL("../../../test/golden/git-host", import.meta.url));
  const files = emitFleet(await compile(declaration, { registry }));
  const dir = join(base, "whole");
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const roots = [...files.keys()].filter((path) => path.endsWith("/root/kustomization.yaml"));
  expect(roots.length).toBeGreaterThan(0);
  const { path = "", argv0 = "" } = kubectl ?? {};
  for (const root of roots) {
    // Flux looks no further than its artifact either, but at all of that.
    const args = ["kustomize", "--load-restrictor", "LoadRestrictionsNone", join(dir, dirname(root))];
    const { stdout, stderr, status } = spawnSync(path, args, { argv0, encoding: "utf8", maxBuffer: 2 ** 28 });
    expect(status, stderr).toBe(0);
    const { resources } = parse(files.get(root) ?? "") as { resources: string[] };
    const own = resources.map((name) => join(dirname(root), name));
    const written = own.flatMap((name) => objectsIn(files.get(name) ?? ""));
    expect(sorted(objectsIn(stdout))).toEqual(sorted(written));
  }
});
