import type { ImageRecipe, NodeExtras, ProgramRecipe } from "../../kit/image.ts";
import { failure } from "../../util/errors.ts";
import type { BuildContext } from "./context.ts";
import { debianImage } from "./debian-image.ts";
import { goImage } from "./go-image.ts";
import { nodeImage } from "./node-image.ts";
import { programImage } from "./program-image.ts";
import { pythonImage } from "./python-image.ts";
import { readSource, type Source } from "./source-recipe.ts";
import { staticImage } from "./static-image.ts";
import type { Image } from "./store.ts";

/** Finds (or builds) a static program by name; `src/embedded/binaries` gives it. */
export type FindProgram = (name: string, context: BuildContext) => Promise<{ path: string }>;

export interface BuildOptions extends BuildContext {
  /** Needed for recipes of kind `program` only. */
  findProgram?: FindProgram;
}

/** A built image, and the version it really is of (absent for an app's own source). */
export interface BuiltImage {
  image: Image;
  version?: string;
}

type BuildSource = (source: Source, context: BuildContext, node?: NodeExtras) => Promise<Image>;

const languages: Record<string, BuildSource> = {
  go: goImage,
  node: nodeImage,
  python: pythonImage,
  static: staticImage,
};

/** Make a recipe's image, from the cache where nothing changed. Equal input gives an equal digest. */
export async function buildImage(recipe: ImageRecipe, options: BuildOptions): Promise<BuiltImage> {
  options.signal?.throwIfAborted();
  if (recipe.kind === "debian") return debianImage(recipe, options);
  if (recipe.kind === "source") {
    const build = languages[recipe.language];
    if (!build) throw new Error(`no builder for ${recipe.language}`);
    return { image: await build(readSource(recipe), options, recipe.node) };
  }
  return { image: await imageOf(recipe, options), version: recipe.version };
}

async function imageOf(recipe: ProgramRecipe, options: BuildOptions): Promise<Image> {
  const { program, version, with: beside } = recipe;
  const { findProgram } = options;
  if (!findProgram) {
    throw failure("LF5004", {
      what: `the image of ${program} cannot be built here`,
      why: "nothing was given that finds its program",
      fix: "report this",
    });
  }
  const fileOf = async (name: string) => ({ name, binary: (await findProgram(name, options)).path });
  const file = await fileOf(program);
  if (!beside) return programImage({ ...file, version }, options);
  const programs = [];
  // One after the other: a build takes every core.
  for (const name of beside.programs) programs.push(await fileOf(name));
  return programImage({ ...file, version, with: { programs, debian: beside.debian } }, options);
}
