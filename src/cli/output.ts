import { styleText } from "node:util";
import { codes } from "../util/codes.ts";
import { counted } from "../util/counted.ts";
import { formatPlace, LandfallError, messageOf, type Problem, problem } from "../util/errors.ts";

type Style = Parameters<typeof styleText>[0];

/** Colour for a stream; none where the stream is no terminal or NO_COLOR is set. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** The result of a command on stdout: as people read it, or one JSON document. */
export function printResult(json: boolean, value: object, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify({ type: "result", ok: true, ...value })}\n` : text());
}

/** The argument that names a declaration again in the next command; the folder one is in needs none. */
export function at(path: string): string {
  return path === "." ? "" : ` ${path}`;
}

/** `94 files written, 0 removed, 0 unchanged` */
export function writtenText(of: { written: number; removed: number; unchanged: number }): string {
  return `${counted(of.written, "file")} written, ${of.removed} removed, ${of.unchanged} unchanged`;
}

/** Name the next command, on stderr. */
export function printNext(json: boolean, ...commands: string[]): void {
  if (json) return;
  process.stderr.write(`${paint("dim", `next: ${commands.join(" · ")}`, process.stderr)}\n`);
}

/** Anything that was thrown, as problems. */
export function problemsOf(error: unknown): Problem[] {
  if (error instanceof LandfallError) return error.problems;
  if (isAbort(error))
    return [
      problem("LF9003", {
        what: "interrupted",
        fix: "run the same command again: it goes on from what is there",
      }),
    ];
  if (isDiskFull(error)) return [fullDisk(error)];
  const trace =
    error instanceof Error
      ? error.stack
          ?.split("\n")
          .slice(1, 3)
          .map((line) => line.trim())
          .join(" ")
      : undefined;
  return [
    problem("LF9002", {
      what: messageOf(error),
      ...(trace && { why: trace }),
      fix: "report this with the command and the declaration",
    }),
  ];
}

function isDiskFull(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ENOSPC";
}

function fullDisk({ path, message }: NodeJS.ErrnoException): Problem {
  return problem("LF4004", {
    what: `the disk is full${path ? ` at ${path}` : ""}`,
    why: message,
    fix: "make room and run the same command again; nothing half written is left in place",
  });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "ExitPromptError");
}

/** Report what went wrong and return the exit code of the first problem. */
export function reportFailure(json: boolean, error: unknown): number {
  const problems = problemsOf(error);
  const first = problems[0];
  const exit = first ? codes[first.code].exit : 1;
  if (json) process.stdout.write(`${JSON.stringify({ type: "result", ok: false, exit, problems })}\n`);
  else process.stderr.write(shortened(problems, "\n"));
  return exit;
}

const mostShown = 50;

/** Warnings of a run that went well. */
export function printWarnings(json: boolean, warnings: Problem[]): void {
  if (!json) process.stderr.write(shortened(warnings, ""));
}

/** The first problems as people read them, and how many more there are. */
function shortened(problems: Problem[], between: string): string {
  const shown = problems.slice(0, mostShown).map(formatForTerminal).join(between);
  const rest = problems.length - mostShown;
  if (rest <= 0) return shown;
  return `${shown}\n${problems.length} in all, ${rest} more than shown: \`--json\` lists every one\n`;
}

function formatForTerminal(p: Problem): string {
  const err = process.stderr;
  const head =
    p.severity === "error"
      ? paint(["red", "bold"], `error ${p.code}`, err)
      : paint(p.severity === "info" ? "dim" : "yellow", `${p.severity} ${p.code}`, err);
  const line = (label: string, text: string | undefined) =>
    text ? `  ${paint("dim", label, err)} ${text}\n` : "";
  const place =
    p.where && `${formatPlace(p.where)}${p.where.path ? paint("dim", `  ${p.where.path}`, err) : ""}`;
  return `${head} ${paint("bold", p.what, err)}\n${line("at ", place)}${line("why", p.why)}${line("fix", p.fix)}`;
}

/** Rows as aligned columns. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => visible(row[column] ?? ""))),
  );
  const pad = (text: string, width: number) => text + " ".repeat(Math.max(0, width - visible(text)));
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, i) => pad(cell, widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function visible(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  return text.replace(/\u001b\[[0-9;]*m/g, "").length;
}
