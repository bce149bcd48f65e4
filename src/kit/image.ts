/**
 * How an image can be made where its upstream reference cannot be pulled. The manifest keeps the upstream
 * reference; the embedded cluster's registry serves what the recipe gives under that name.
 */
export type ImageRecipe =
  | ProgramRecipe
  | DebianRecipe
  | {
      kind: "source";
      language: "go" | "node" | "python" | "static";
      path: string;
      shared: string[];
      root: string;
      node?: NodeExtras;
    };

/** What a Node program of ours needs that its package does not say. */
export interface NodeExtras {
  /** Debian packages whose programs it calls; the machine's certificate authorities come with them. */
  debian: string[];
  /** What node is called with, instead of the start script's words. */
  entry: string[];
  /** Without optional dependencies, type declarations and source maps. */
  bare: boolean;
}

/** A static program that `src/embedded/binaries` can build from its Go module, on an empty base. */
export interface ProgramRecipe {
  kind: "program";
  program: string;
  /** The version the recipe gives; when it differs from the reference's, the substitution is recorded. */
  version: string;
  /** What the locally built program lacks beside the upstream one, as a note for people: `its web pages`. */
  lacks?: string;
  /** What it calls: further programs of `src/embedded/binaries`, and Debian packages. */
  with?: { programs: string[]; debian: string[] };
}

/** The programs of a recipe that are built from Go modules. */
export function programsOf(recipe: ImageRecipe | undefined): string[] {
  return recipe?.kind === "program" ? [recipe.program, ...(recipe.with?.programs ?? [])] : [];
}

/** A set of Debian packages with everything they depend on, unpacked; no package scripts are run. */
export interface DebianRecipe {
  kind: "debian";
  packages: string[];
  entrypoint: string[];
  /** The version of the first package, as the reference would count it, e.g. `2.42.0`. */
  version: string;
}

/**
 * Part of the name of images built from source. Raised when the same source gives another image, so that nodes do not
 * go on with one they hold under the old name.
 */
export const imageFormat = 2;

/** An upstream image, pinned by tag in manifests and by digest in `landfall.lock` where it can be pulled. */
export interface ImageReference {
  /** e.g. `ghcr.io/fluxcd/kustomize-controller:v1.9.5`. */
  ref: string;
  /** Without one the image can only be pulled. */
  recipe?: ImageRecipe;
}
