import { readFileSync } from "node:fs";
import { shown } from "../model/shown.ts";
import type { Place } from "../util/errors.ts";
import { applyEdits, positionOf } from "../util/text-edits.ts";
import type { NewText } from "../util/write-all.ts";
import type { MigrationStep, Obstacle, Rewritten } from "./types.ts";

/** A file that migrating changes; its path is absolute. */
export type ChangedFile = NewText & { before: string };

/** What stood in the way of a codemod, with its place. */
export interface FoundObstacle extends Obstacle {
  path: string;
  place: Place;
  /** The lines of the call it is in. */
  lines: [first: number, last: number];
}

/** Rewrite files by some steps, one after the other; those that stay as they are are left out. */
export function rewriteFiles(
  paths: readonly string[],
  steps: readonly MigrationStep[],
): { changed: ChangedFile[]; obstacles: FoundObstacle[] } {
  const obstacles: FoundObstacle[] = [];
  const changed = paths.flatMap((path) => {
    const before = readFileSync(path, "utf8");
    let text = before;
    for (const step of steps) {
      const found = codemodOf(path, step)(text);
      obstacles.push(...found.obstacles.map((obstacle) => placed(path, text, obstacle)));
      text = applyEdits(text, found.edits);
    }
    return text === before ? [] : [{ path, before, text }];
  });
  return { changed, obstacles };
}

const none: Rewritten = { edits: [], obstacles: [] };

function codemodOf(path: string, step: MigrationStep): (text: string) => Rewritten {
  if (/\.ya?ml$/.test(path)) return step.yaml;
  return /\.[cm]?[jt]s$/.test(path) ? step.typescript : () => none;
}

function placed(path: string, text: string, obstacle: Obstacle): FoundObstacle {
  const [first, last] = obstacle.within.map((offset) => positionOf(text, offset).line);
  const place = { file: shown(path), ...positionOf(text, obstacle.at) };
  return { ...obstacle, path, place, lines: [first ?? 0, last ?? 0] };
}
