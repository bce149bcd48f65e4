import { relative } from "node:path";
import type { Place } from "../util/errors.ts";

/** A path as messages show it: relative to where the command runs, unless that is far away. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" ? "." : short.startsWith("../..") ? path : short;
}

/** The place with its key path, its file as messages show it. */
export function withPath(place: Place, path: readonly (string | number)[]): Place {
  return { ...place, file: shown(place.file), ...(path.length > 0 && { path: path.join(".") }) };
}
