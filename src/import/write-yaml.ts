import { toYaml } from "../util/yaml.ts";
import type { Tree } from "./assemble.ts";
import { inOrder } from "./order.ts";

/** A tree as a declaration in YAML. `head` is the comment at its top, line by line. */
export function writeYaml(tree: Tree, head: string[]): string {
  const apps = Object.fromEntries(inOrder(tree.apps).map((name) => [name, tree.apps[name]]));
  return `${head.map((line) => (line === "" ? "" : `# ${line}`)).join("\n")}\n${toYaml({ ...tree, apps })}`;
}
