import { readFileSync } from "node:fs";
import { type Place, type Problem, problem } from "../util/errors.ts";
import { shown, withPath } from "./shown.ts";
import { type TextProblem, yamlPlaces } from "./yaml-places.ts";

/** Gives the place of a key path: of its deepest key that is there. */
export type PlaceOf = (path: readonly (string | number)[]) => Place;

/**
 * The places in a YAML or JSON file, as messages show them. Only what reports a problem or asks for a place pays for
 * finding it: the file is then read again.
 */
export function placesIn(file: string): PlaceOf {
  let positions: ReturnType<typeof yamlPlaces> | undefined;
  return (path) => {
    positions ??= positionsOf(file);
    return withPath({ file, ...positions(path) }, path);
  };
}

function positionsOf(file: string): ReturnType<typeof yamlPlaces> {
  try {
    return yamlPlaces(readFileSync(file, "utf8"));
  } catch {
    // The file went or changed since it was read; its name must do.
    return () => undefined;
  }
}

/** What is wrong with a file's text, with its place. */
export function textProblems(file: string, problems: TextProblem[]): Problem[] {
  return problems.map(({ code, line, column, ...parts }) =>
    problem(code, {
      ...parts,
      where: {
        file: shown(file),
        ...(line !== undefined && { line }),
        ...(column !== undefined && { column }),
      },
    }),
  );
}
