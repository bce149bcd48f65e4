import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { sha256 } from "../../util/hash.ts";
import { certificateLayer, identityLayer } from "./base.ts";
import type { BuildContext } from "./context.ts";
import { assembleImage } from "./image.ts";
import { ensureLayer } from "./layer.ts";
import type { Image } from "./store.ts";

/**
 * An image of one static program. It lies in /usr/local/bin and is linked from the root, since upstream
 * images start it from either place.
 *
 * @param binary path of the program on this machine
 */
export async function programImage(
  program: { name: string; binary: string; version: string; source?: string; title?: string },
  context: BuildContext,
): Promise<Image> {
  const digest = sha256(readFileSync(program.binary));
  const place = `usr/local/bin/${program.name}`;
  const layer = await ensureLayer(`program ${program.name} ${digest}`, context, async () => [
    { path: place, type: "file", mode: 0o755, file: program.binary },
    { path: program.name, type: "symlink", link: place },
  ]);
  const layers = [await identityLayer(context), ...(await certificateLayer(context)), layer];
  return assembleImage(layers, {
    title: program.title ?? program.name,
    version: program.version,
    source: program.source ?? program.name,
    revision: `sha256:${digest}`,
    entrypoint: [posix.join("/", place)],
  });
}
