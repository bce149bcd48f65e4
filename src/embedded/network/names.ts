import { homedir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../util/hash.ts";

/**
 * Names of a cluster's network objects (its cgroup is named like the namespace). Interface names hold 15
 * bytes, so they carry a hash. Outside the default home the namespace carries it too, since two homes may
 * hold clusters of one name. `folder` is the folder of all clusters.
 */
export function networkNames(cluster: string, folder: string) {
  const hash = sha256(`${folder}\0${cluster}`).slice(0, 4);
  const isDefault = folder === join(homedir(), ".landfall", "clusters");
  return {
    netns: isDefault ? `landfall-${cluster}` : `landfall-${cluster}-${hash}`,
    hostInterface: `landfall-${hash}`,
    nodeInterface: "eth0",
  };
}
