import { messageOf } from "../util/errors.ts";
import { type Read, readYaml } from "./read-yaml.ts";
import { positionsIn, type TextProblem } from "./yaml-places.ts";

/** JSON, with what `JSON.parse` does not see: keys that stand twice, and keys that reach into JavaScript's objects. */
export function readJson(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problems: [wrongJson(messageOf(error), text)] };
  }
  // What is written back the same has no key twice; commands write it so.
  if (!isHostileText.test(text) && writtenBack(value) === text) return { ok: true, value };
  const read = readYaml(text);
  return read.ok ? { ok: true, value } : read;
}

/** Keys that are refused, and nesting too deep, as it shows where JSON is indented. */
const isHostileText = /__proto__|constructor|prototype| {200}/;

function writtenBack(value: unknown): string | undefined {
  try {
    return `${JSON.stringify(value, null, 2)}\n`;
  } catch {
    // Nested deeper than the engine's stack.
    return undefined;
  }
}

function wrongJson(message: string, text: string): TextProblem {
  return {
    code: "LF1001",
    what: "it is no JSON",
    why: message,
    fix: "correct it; landfall's own commands write these files",
    ...positionsIn(text)(wrongAt(message, text)),
  };
}

/** Where a text stops being JSON. The engine does not always say: then the longest start that could still become JSON. */
function wrongAt(message: string, text: string): number {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  let [fits, fails] = [0, text.length + 1];
  while (fails - fits > 1) {
    const middle = (fits + fails) >> 1;
    if (couldBecomeJson(text.slice(0, middle))) fits = middle;
    else fails = middle;
  }
  return fits;
}

function couldBecomeJson(start: string): boolean {
  try {
    JSON.parse(start);
    return true;
  } catch (error) {
    const said = messageOf(error);
    return /end of JSON input|Unterminated/.test(said) || said.includes(`position ${start.length}`);
  }
}
