import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { goModulesFolder } from "./program-key.ts";
import { kubernetesParts, kubernetesVersion } from "./programs/kubernetes.ts";
import { findProgram, programs } from "./programs.ts";

/** What each module's go.mod requires and replaces: module path to version. */
function requirements(module: string): { required: Map<string, string>; replaced: Map<string, string> } {
  const text = readFileSync(join(goModulesFolder, module, "go.mod"), "utf8");
  const pairs = (pattern: RegExp) =>
    new Map([...text.matchAll(pattern)].map((m) => [m[1] ?? "", m[2] ?? ""]));
  return {
    required: pairs(/^(?:require )?\s*([\w./-]+) (v\S+)(?: \/\/ indirect)?$/gm),
    replaced: pairs(/^\s*([\w./-]+) => \S+ (v\S+)$/gm),
  };
}

/** The required module that holds a package: the longest path that begins it. */
function moduleVersion(module: string, packagePath: string): string | undefined {
  const { required } = requirements(module);
  const path = [...required.keys()]
    .filter((m) => packagePath === m || packagePath.startsWith(`${m}/`))
    .sort((a, b) => b.length - a.length)[0];
  return path === undefined ? undefined : required.get(path);
}

test.each(programs.filter((p) => !p.package.startsWith(".")).map((p) => [p.name, p] as const))(
  "%s has the version that its module requires",
  (_name, program) => {
    // Prometheus counts its module as v0.313.5 what it releases as 3.13.5.
    const expected = /^prom/.test(program.name) ? "v0.313.5" : `v${program.version}`;
    expect(moduleVersion(program.module, program.package)).toBe(expected);
  },
);

test("CoreDNS, whose main is ours, has the version that its module requires", () => {
  expect(moduleVersion("controllers", "github.com/coredns/coredns")).toBe(
    `v${findProgram("coredns")?.version}`,
  );
});

test("Kubernetes, its staging modules and etcd have the versions the table says", () => {
  const { required, replaced } = requirements("kubernetes");
  expect(required.get("k8s.io/kubernetes")).toBe(`v${kubernetesVersion}`);
  const staging = [...replaced].filter(([path]) => path.startsWith("k8s.io/"));
  expect(staging.length).toBeGreaterThan(30);
  expect(new Set(staging.map(([, version]) => version))).toEqual(
    new Set([kubernetesVersion.replace(/^1/, "v0")]),
  );
  expect(required.get("go.etcd.io/etcd/server/v3")).toBe(`v${kubernetesParts.etcd?.version}`);
});

test("the Kubernetes binary answers to every name the table gives it", () => {
  const main = readFileSync(join(goModulesFolder, "kubernetes/main.go"), "utf8");
  for (const alias of findProgram("kubernetes")?.aliases ?? []) expect(main).toContain(`"${alias}":`);
});

test("no two programs share a name", () => {
  const names = programs.flatMap((p) => [p.name, ...p.aliases]);
  expect(new Set(names).size).toBe(names.length);
});

test("the lock files name no address to fetch from", () => {
  for (const module of new Set(programs.map((p) => p.module))) {
    const text = ["go.mod", "go.sum"]
      .map((f) => readFileSync(join(goModulesFolder, module, f), "utf8"))
      .join("");
    expect(text).not.toMatch(/https?:\/\//);
  }
});
