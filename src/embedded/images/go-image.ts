import { mkdirSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { failure } from "../../util/errors.ts";
import { goCommands } from "../binaries/go-toolchain.ts";
import { certificateLayer, identityLayer } from "./base.ts";
import type { BuildContext } from "./context.ts";
import { assembleImage } from "./image.ts";
import { ensureLayer } from "./layer.ts";
import { missingTool, run, runOrFail } from "./run.ts";
import { copySource } from "./source-copy.ts";
import { requireFile, type Source } from "./source-recipe.ts";
import type { Image } from "./store.ts";

/**
 * An image of one Go program, built static and stripped. The main package is the folder itself, or the only
 * folder below its `cmd`. Rebuilt when the source or the Go release changes.
 */
export async function goImage(source: Source, context: BuildContext): Promise<Image> {
  const name = basename(source.path === "." ? source.root : source.path);
  requireFile(source, "go.mod", "a Go program is a module");
  const what = `building ${source.path} with Go`;
  const go = await findGo(what, context);
  const place = `usr/local/bin/${name}`;
  const layer = await ensureLayer(`go ${go.version} ${name} ${source.hash}`, context, async (work) => {
    context.onProgress?.(`${what} …`);
    const tree = join(work, "tree");
    mkdirSync(tree);
    copySource(source.root, source.files, tree);
    const binary = join(work, "program");
    await runOrFail(go.command, ["build", ...flags, "-o", binary, mainPackage(source)], {
      ...context,
      cwd: join(tree, source.path),
      env: { CGO_ENABLED: "0", GOOS: "linux", GOARCH: "amd64", GOFLAGS: "-mod=readonly", GOWORK: "off" },
      code: "LF5003",
      what: `the image of ${source.path} does not build`,
      fix: `mend it; to see it again: cd ${source.path} && go build ./...`,
    });
    return [{ path: place, type: "file", mode: 0o755, file: binary }];
  });
  const layers = [await identityLayer(context), ...(await certificateLayer(context)), layer];
  return assembleImage(layers, {
    title: name,
    version: source.hash.slice(0, 12),
    source: source.path,
    revision: `sha256:${source.hash}`,
    entrypoint: [posix.join("/", place)],
  });
}

async function findGo(what: string, { signal }: BuildContext): Promise<{ command: string; version: string }> {
  for (const command of goCommands()) {
    const { code, stdout, tail } = await run(command, ["env", "GOVERSION"], signal ? { signal } : {});
    if (code !== 127 || tail.length > 0) return { command, version: stdout };
  }
  throw missingTool("go", what);
}

const flags = ["-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid="];

function mainPackage(source: Source): string {
  const below = source.files.map((file) => posix.relative(source.path, file.path));
  const programs = below.filter((path) => path.endsWith(".go") && !path.endsWith("_test.go"));
  if (programs.some((path) => !path.includes("/"))) return ".";
  const commands = new Set(programs.flatMap((path) => /^cmd\/[^/]+(?=\/[^/]+$)/.exec(path) ?? []));
  if (commands.size === 1) return `./${[...commands].join()}`;
  throw failure("LF5003", {
    what: `${source.path} has no single Go program`,
    why: "neither the folder itself nor exactly one folder below its cmd/ holds one",
    fix: "point the source at the folder of the main package",
  });
}
