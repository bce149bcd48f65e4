import { fileURLToPath } from "node:url";

/** Where a handle was made: the place of the call in the user's file; line and column count from 1. */
export interface CallSite {
  file: string;
  line: number;
  column: number;
}

/** The place from which `callee` was called; undefined when the engine gives no stack. */
export function callSite(callee: (...args: never[]) => unknown): CallSite | undefined {
  const holder: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  // The caller is among the first frames; an estate asks this ten thousand times.
  Error.stackTraceLimit = 4;
  Error.captureStackTrace(holder, callee);
  const { stack } = holder;
  Error.stackTraceLimit = stackTraceLimit;
  // Frames of the engine itself, such as `at String (<anonymous>)`, have no file.
  const frames = stack?.split("\n").filter((line) => line.trimStart().startsWith("at ")) ?? [];
  const match = frames
    .map((frame) => frame.match(/\(?((?:file:\/\/)?\/[^()]+):(\d+):(\d+)\)?$/))
    .find((found) => found !== null);
  if (!match?.[1]) return undefined;
  const file = match[1].startsWith("file:") ? fileURLToPath(match[1]) : match[1];
  return { file, line: Number(match[2]), column: Number(match[3]) };
}
