import type { Place, Problem } from "../util/errors.ts";
import type { Source } from "./parsed-files.ts";

/** A data file beside the declaration: values that commands change, as patches of apps. */
export interface DataFile {
  file: string;
  /** The clusters it is for: labels that must match, or one cluster by name; all when both are absent. */
  where: { labels?: Record<string, string>; cluster?: string };
  apps: Record<string, Record<string, unknown>>;
}

/** A declaration as it was read, before it is checked. */
export interface Declaration {
  /** The declaration's file. */
  file: string;
  /** The folder that its relative paths start from. */
  dir: string;
  tree: Record<string, unknown>;
  /** Data files in the order they apply, after everything the declaration says. */
  data: DataFile[];
  /** Where a key path was declared; the nearest known place when the exact one is not. */
  place: (path: readonly (string | number)[]) => Place;
  /** Where a key path of a data file's app stands, e.g. `["cart", "image"]`. */
  placeInData: (file: DataFile, path: readonly (string | number)[]) => Place;
  /** Problems found while reading, reported together with all others. */
  problems: Problem[];
  /** Every file it was read from: the declaration, its estate's and data files, and modules they import. */
  sources: Source[];
  /** The folders that were looked into for files. */
  folders: string[];
}
