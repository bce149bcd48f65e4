import type { DebianRecipe } from "../../kit/image.ts";
import { certificateLayer, identityLayer } from "./base.ts";
import type { BuildContext } from "./context.ts";
import { debianLayer, upstreamVersion } from "./debian.ts";
import { assembleImage } from "./image.ts";
import type { Image } from "./store.ts";

/** An image of Debian packages, and the version its first package really has, as upstream counts it. */
export async function debianImage(
  recipe: DebianRecipe,
  context: BuildContext,
): Promise<{ image: Image; version: string }> {
  const { layer, packages } = await debianLayer(recipe.packages, context);
  const [title = ""] = recipe.packages;
  const exact = packages.find((p) => p.name === title)?.version;
  const version = exact ? upstreamVersion(exact) : recipe.version;
  const layers = [layer, await identityLayer(context), ...(await certificateLayer(context))];
  const image = assembleImage(layers, {
    title,
    version,
    source: `debian:${recipe.packages.join("+")}`,
    revision: exact ?? recipe.version,
    entrypoint: recipe.entrypoint,
  });
  return { image, version };
}
