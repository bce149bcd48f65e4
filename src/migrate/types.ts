import type { TextEdit } from "../util/text-edits.ts";

/** A place that a codemod could not rewrite because what stands there is made elsewhere. */
export interface Obstacle {
  /** Offset in the file. */
  at: number;
  /** The offsets of the whole call or value it belongs to. */
  within: [start: number, end: number];
  /** `a spread`, `a computed key`, `an argument that is no object literal`. */
  what: string;
}

export interface Rewritten {
  edits: TextEdit[];
  obstacles: Obstacle[];
}

/** One step of the declaration's form, as data: how files are rewritten, and how what they declare is read. */
export interface MigrationStep {
  from: number;
  to: number;
  /** What changes, for people: one line each. */
  changes: string[];
  /** Rewrite a declaration in YAML. */
  yaml(text: string): Rewritten;
  /** Rewrite one module of a declaration in TypeScript. */
  typescript(text: string): Rewritten;
  /** The reader of the old form: what the old tree means, in the new form. */
  tree(tree: Record<string, unknown>): Record<string, unknown>;
  /** Key paths of the old form that a tree still has. */
  left(tree: Record<string, unknown>): (string | number)[][];
}
