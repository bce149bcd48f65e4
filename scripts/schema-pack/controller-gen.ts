import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModuleVersion } from "./go-modules.ts";

/** The CRDs that controller-gen makes from a module's Go types, as YAML documents. */
export function generatedCrd(from: ModuleVersion, packages: string, tool: ModuleVersion): string {
  const folder = mkdtempSync(join(tmpdir(), "landfall-schema-pack-"));
  const go = (args: string[], env: Record<string, string> = {}) =>
    execFileSync("go", args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
  try {
    const [module, version] = from;
    go(["install", `${tool[0]}/cmd/controller-gen@${tool[1]}`], { GOBIN: join(folder, "bin") });
    writeFileSync(join(folder, "go.mod"), `module pack\n\ngo 1.25\n\nrequire ${module} ${version}\n`);
    writeFileSync(join(folder, "pack.go"), `package pack\n\nimport _ "${module}/${packages}"\n`);
    go(["mod", "tidy"]);
    const out = join(folder, "out");
    execFileSync(
      join(folder, "bin/controller-gen"),
      ["crd", `paths=${module}/${packages}`, `output:dir=${out}`],
      {
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    return readdirSync(out)
      .sort()
      .map((name) => readFileSync(join(out, name), "utf8"))
      .join("\n---\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
