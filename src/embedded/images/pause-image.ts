import type { BuildOptions } from "./build.ts";
import { programImage } from "./program-image.ts";
import type { Image } from "./store.ts";

/** The name of the sandbox image in containerd's configuration; it is imported, never pulled. */
export const pauseReference = "landfall.local/pause:1";

/** The image of the container that holds a pod's namespaces: the static `pause` program alone. */
export async function pauseImage(
  options: Required<Pick<BuildOptions, "findProgram">> & BuildOptions,
): Promise<Image> {
  const { path } = await options.findProgram("pause", options);
  return programImage({ name: "pause", binary: path, version: "1" }, options);
}
