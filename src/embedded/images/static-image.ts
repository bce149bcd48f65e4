import { basename, join, posix } from "node:path";
import { failure } from "../../util/errors.ts";
import { certificateLayer, identityLayer } from "./base.ts";
import type { BuildContext } from "./context.ts";
import { elfKind } from "./elf.ts";
import { assembleImage } from "./image.ts";
import { sourceLayer } from "./source-layer.ts";
import { type Source, workdirOf } from "./source-recipe.ts";
import type { Image } from "./store.ts";

/**
 * An image of one prebuilt static program with the files beside it. The program is the executable at the top
 * of the folder that has the folder's own name, or else the only one there.
 */
export async function staticImage(source: Source, context: BuildContext): Promise<Image> {
  const name = basename(source.path === "." ? source.root : source.path);
  const programs = source.files
    .filter((file) => posix.dirname(file.path) === source.path && file.mode === 0o755)
    .map((file) => ({ file: posix.basename(file.path), kind: elfKind(join(source.root, file.path)) }))
    .filter((file) => file.kind !== undefined);
  const chosen = programs.find((p) => p.file === name) ?? (programs.length === 1 ? programs[0] : undefined);
  if (!chosen)
    throw noProgram(
      source.path,
      name,
      programs.map((p) => p.file),
    );
  if (chosen.kind === "dynamic") {
    throw failure("LF5003", {
      what: `${posix.join(source.path, chosen.file)} is linked dynamically`,
      why: "its image would lack the shared libraries and the program could not start",
      fix: "link it statically, e.g. with CGO_ENABLED=0 or -static",
    });
  }
  const layers = [
    await identityLayer(context),
    ...(await certificateLayer(context)),
    await sourceLayer(source, context),
  ];
  return assembleImage(layers, {
    title: name,
    version: source.hash.slice(0, 12),
    source: source.path,
    revision: `sha256:${source.hash}`,
    entrypoint: [posix.join(workdirOf(source), chosen.file)],
    workdir: workdirOf(source),
  });
}

function noProgram(path: string, name: string, found: string[]) {
  return failure("LF5003", {
    what: `${path} does not say which program to start`,
    why: found.length === 0 ? "it holds no executable" : `it holds several: ${found.join(", ")}`,
    fix: `put one executable there, or name the right one ${name}`,
  });
}
