import type { GraphNode, NodeKind } from "../graph.ts";

/** What a node is drawn as. */
export type Role = NodeKind | "store";

/**
 * White text on each of these is read well (4.5 to 1), and each stands out from a white page and from a dark one
 * (3 to 1): a drawing does not know what it will lie on. The test computes both.
 */
export const colours: Record<Role, string> = {
  host: "#1a7f37",
  app: "#1f6feb",
  store: "#8250df",
  part: "#656d76",
  secret: "#b35900",
  volume: "#8250df",
};

/** Of lines and of boxes behind small text. */
export const line = "#7d8590";
export const caption = "#656d76";

/** An app that keeps data is drawn as a store. */
export function roleOf({ kind, stateful }: GraphNode): Role {
  return kind === "app" && stateful ? "store" : kind;
}
