/** The peers' programs: built or installed once into the cache, at the versions named here. */
import { execFile } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildProgram } from "../../src/embedded/binaries/build.ts";
import { findBinary } from "../../src/embedded/binaries/find.ts";
import type { Program } from "../../src/embedded/binaries/program.ts";
import { makeFolderAtomic } from "../../src/util/files.ts";
import { sha256 } from "../../src/util/hash.ts";
import { cachePath } from "../../src/util/home.ts";
import { pythonTool } from "../judges/tools.ts";

const exec = promisify(execFile);

/** The folder of a peer's program and inputs. */
export const peerFolder = (...parts: string[]): string =>
  join(fileURLToPath(new URL(".", import.meta.url)), ...parts);

const goProgram = (name: string, pkg: string, version: string, ldflags: string[] = []): Program => ({
  name,
  module: "peers",
  package: pkg,
  version,
  tag: `v${version}`,
  ldflags,
  aliases: [],
  kind: "host",
});

const goPeers: Record<string, Program> = {
  kustomize: goProgram("kustomize", "sigs.k8s.io/kustomize/kustomize/v5", "5.8.1", [
    "-X sigs.k8s.io/kustomize/api/provenance.version=v5.8.1",
  ]),
  jsonnet: goProgram("jsonnet", "github.com/google/go-jsonnet/cmd/jsonnet", "0.22.0"),
};

/** A program of `go/peers`, built when the cache has none. */
export async function goPeer(name: "kustomize" | "jsonnet"): Promise<string> {
  const built = await buildProgram(goPeers[name] as Program, { modules: peerFolder("go") });
  return built.path;
}

/** A program that landfall itself knows: helm, kubeconform. */
export async function knownProgram(name: string): Promise<string> {
  return (await findBinary(name)).path;
}

/** The `node_modules` of the npm peers. */
export async function npmModules(): Promise<string> {
  const manifest = peerFolder("package.json");
  const folder = cachePath("peers", `npm-${sha256(readFileSync(manifest, "utf8")).slice(0, 12)}`);
  await makeFolderAtomic(folder, async (aside) => {
    copyFileSync(manifest, join(aside, "package.json"));
    await exec("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], { cwd: aside });
  });
  return join(folder, "node_modules");
}

/** A Python that has `kcl_lib`. */
export async function kclPython(): Promise<string> {
  const tool = await pythonTool("kcl-lib", kclVersion, "kcl_lib:api");
  if ("missing" in tool) throw new Error(tool.missing);
  return tool.command;
}

export const kclVersion = "0.13.2";
