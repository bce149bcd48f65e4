import { stripVTControlCharacters } from "node:util";

/** A part of the terminal that is drawn again and again in its place. */
export interface LiveScreen {
  draw(lines: readonly string[]): void;
  /** Lines that stay above what is drawn. */
  print(line: string): void;
  /** Leave what was drawn last, or take it away, and give the cursor back. */
  end(keep: boolean): void;
}

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

export function liveScreen(stream: NodeJS.WriteStream): LiveScreen {
  let drawn: readonly string[] = [];
  let last: readonly string[] = [];
  const erase = () => (drawn.length > 0 ? `\u001b[${drawn.length}A\u001b[J` : "");
  const giveBack = () => stream.write(showCursor);
  process.once("exit", giveBack);
  stream.write(hideCursor);
  const draw = (lines: readonly string[], above = "") => {
    last = lines;
    const { columns = 80, rows = 24 } = stream;
    // One row stays free: a cursor below the last one would scroll the first away.
    const fitting = lines.length < rows ? lines : [...lines.slice(0, rows - 2), "…"];
    const next = fitting.map((line) => cut(line, columns - 1));
    stream.write(`${erase()}${above}${next.map((line) => `${line}\n`).join("")}`);
    drawn = next;
  };
  return {
    draw: (lines) => draw(lines),
    print: (line) => draw(last, `${line}\n`),
    end: (keep) => {
      if (!keep) {
        stream.write(erase());
        drawn = [];
      }
      process.off("exit", giveBack);
      giveBack();
    },
  };
}

/** At most so many columns; colours do not count, and are ended. */
export function cut(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line;
  let left = columns - 1;
  let out = "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  for (const [piece] of line.matchAll(/\u001b\[[0-9;]*m|[^\u001b]/gu)) {
    if (piece.startsWith("\u001b")) out += piece;
    else if (left-- > 0) out += piece;
    else break;
  }
  return `${out}…\u001b[0m`;
}
