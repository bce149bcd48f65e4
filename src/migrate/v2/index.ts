import type { MigrationStep } from "../types.ts";
import { leftOfV1, treeToV2 } from "./tree.ts";
import { typescriptToV2 } from "./typescript.ts";
import { yamlToV2 } from "./yaml.ts";

/** An app's changes by environment became changes by any labels of a cluster, in order. */
export const toV2: MigrationStep = {
  from: 1,
  to: 2,
  changes: [
    "`environments` of an app is `overrides`, a list of changes with the labels of the clusters they are for",
    "`landfall: 2` names the version, in TypeScript too",
  ],
  yaml: yamlToV2,
  typescript: typescriptToV2,
  tree: treeToV2,
  left: leftOfV1,
};
