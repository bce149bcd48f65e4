/** Pod Security's own fixtures, which its authors prove it with, judged by our rules of the same profiles. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { policies } from "../../src/compile/policies/index.ts";
import { judgeBundle } from "../../src/compile/policies/judge.ts";
import { goModulesFolder } from "../../src/embedded/binaries/program-key.ts";
import type { KubernetesObject } from "../../src/schema/object.ts";

type Profile = "baseline" | "restricted";

/** The newest fixtures; where a version has none of its own, nothing changed in it. */
const version = "v1.35";

function fixtures(): string | undefined {
  const { status, stdout } = spawnSync(
    "go",
    ["list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission"],
    {
      cwd: join(goModulesFolder, "kubernetes"),
      encoding: "utf8",
    },
  );
  const folder = join(stdout?.trim() ?? "", "test/testdata");
  return status === 0 && existsSync(folder) ? folder : undefined;
}

const folder = fixtures();
if (!folder) process.stderr.write("skipped: Pod Security's Go module cannot be had\n");

/** The rules of a profile, those of the looser one among them, that a fixture breaks. */
function broken(file: string, profile: Profile): string[] {
  const pod = parse(readFileSync(file, "utf8")) as KubernetesObject;
  const profiles = profile === "baseline" ? ["baseline"] : ["baseline", "restricted"];
  const bundle = { kind: "app" as const, owner: "fixture", objects: [pod] };
  return judgeBundle(bundle, { domain: "localhost", objects: () => [] })
    .filter(({ policy }) => profiles.includes(policy.profile ?? ""))
    .map(({ policy }) => policy.id);
}

describe.skipIf(!folder).each(["baseline", "restricted"] as const)("Pod Security's %s", (profile) => {
  const filesOf = (verdict: "pass" | "fail") => {
    const of = join(folder ?? "", profile, version, verdict);
    return readdirSync(of).map((name) => [name.replace(".yaml", ""), join(of, name)] as const);
  };

  it("passes what its authors pass", () => {
    expect(filesOf("pass").length).toBeGreaterThan(10);
    for (const [name, file] of filesOf("pass")) expect(broken(file, profile), name).toEqual([]);
  });

  it("refuses what its authors refuse, and has no rule besides", () => {
    const rules = new Set<string>();
    for (const [name, file] of filesOf("fail")) {
      const found = new Set(broken(file, profile));
      expect(found.size, `${name}: ${[...found]}`).toBeGreaterThan(0);
      for (const rule of found) rules.add(rule);
    }
    const ours = policies.filter((p) => p.profile === "baseline" || p.profile === profile);
    expect([...rules].sort()).toEqual(ours.map(({ id }) => id).sort());
  });
});
