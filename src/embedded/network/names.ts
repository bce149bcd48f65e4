import { sha256 } from "../../util/hash.ts";

/**
 * Names of a cluster's network objects. Interface names hold 15 bytes, so they carry a hash: of the
 * folder too, since two LANDFALL_HOMEs may hold clusters of one name.
 */
export function networkNames(cluster: string, folder: string) {
  const hash = sha256(`${folder}\0${cluster}`).slice(0, 4);
  return { netns: `landfall-${cluster}`, hostInterface: `landfall-${hash}`, nodeInterface: "eth0" };
}
