import type { Place, Problem } from "../util/errors.ts";

/** A declaration as it was read, before it is checked. */
export interface Declaration {
  /** The declaration's file. */
  file: string;
  /** The folder that its relative paths start from. */
  dir: string;
  tree: Record<string, unknown>;
  /** Where a key path was declared; the nearest known place when the exact one is not. */
  place: (path: readonly (string | number)[]) => Place;
  /** Problems found while reading, reported together with all others. */
  problems: Problem[];
}
