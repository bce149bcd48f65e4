import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ImageRecipe, type ImageReference, imageFormat } from "../kit/image.ts";
import type { AppSpec } from "../model/app.ts";
import type { Company } from "../model/parse.ts";
import { sha256 } from "../util/hash.ts";
import { sourceHash } from "../util/source-tree.ts";
import { objectNames } from "./object-names.ts";

type Language = Extract<ImageRecipe, { kind: "source" }>["language"];

/** The image references of a company's apps. Source folders are hashed once. */
export interface ImageNames {
  of(app: string, spec: AppSpec): string;
  /** References of built images with their recipes. */
  references(): ImageReference[];
}

/** The file that tells a source folder's language. */
export const languageFiles: [string, Language][] = [
  ["go.mod", "go"],
  ["package.json", "node"],
  ["requirements.txt", "python"],
  ["pyproject.toml", "python"],
];

/** The language of a source folder, told from its files; undefined when it is none that can be built. */
export function languageOf(folder: string): Language | undefined {
  return languageFiles.find(([file]) => existsSync(join(folder, file)))?.[1];
}

/**
 * Name images by content: an app built from source gets `registry/company/app:hash` where the hash is that of its
 * source files, so that the name is known before anything is built and the same source gives the same name.
 */
export function imageNames(company: Company): ImageNames {
  const recipes = new Map<string, ImageReference>();
  const built = new Map<string, string>();
  const { registry, company: companyName } = company.spec;
  const dir = company.declaration.dir;
  const named = objectNames(company);

  const fromSource = (app: string, spec: AppSpec): string => {
    const known = built.get(app);
    if (known) return known;
    const {
      path,
      shared = [],
      language,
    } = typeof spec.source === "string" ? { path: spec.source } : (spec.source ?? { path: "" });
    const told = language ?? languageOf(join(dir, path)) ?? "static";
    const hash = sha256(`${imageFormat} ${sourceHash(dir, path, shared)}`).slice(0, 12);
    const ref = `${registry}/${companyName}/${named(app).name}:${hash}`;
    recipes.set(ref, { ref, recipe: { kind: "source", language: told, path, shared, root: dir } });
    built.set(app, ref);
    return ref;
  };

  return {
    of(app, spec) {
      if (!spec.image) return fromSource(app, spec);
      if (spec.recipe) {
        const { debian, version } = spec.recipe;
        const recipe: ImageRecipe = {
          kind: "debian",
          packages: debian,
          entrypoint: spec.command ?? [],
          version,
        };
        recipes.set(spec.image, { ref: spec.image, recipe });
      }
      return spec.image;
    },
    references: () => [...recipes.values()],
  };
}
