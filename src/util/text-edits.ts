/** Replace the text from `start` up to `end` (offsets in UTF-16 units) by `text`; nothing else of a file changes. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** Apply edits, whose ranges must not overlap; at one place insertions keep their order. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, text: replacement } of edits.toSorted((a, b) => a.start - b.start)) {
    if (start < at) throw new RangeError("two edits overlap");
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}

/** Line and column of an offset, counted from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
