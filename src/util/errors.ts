import { type Code, codes } from "./codes.ts";

/** Where a problem was declared. Lines and columns count from 1; `path` is the key path in the declaration. */
export interface Place {
  file: string;
  line?: number;
  column?: number;
  path?: string;
}

/** One problem as data: what is wrong, why that is wrong, and what to do about it. */
export interface Problem {
  code: Code;
  severity: "error" | "warning" | "info";
  what: string;
  why?: string;
  fix?: string;
  where?: Place;
}

/** Make a problem of severity error. `parts.what` is one lower-case sentence without a full stop. */
export function problem(code: Code, parts: Omit<Problem, "code" | "severity">): Problem {
  return { code, severity: "error", ...parts };
}

/** Carries every problem of a run, so that all are reported at once. */
export class LandfallError extends Error {
  readonly problems: Problem[];

  constructor(problems: Problem[], options?: ErrorOptions) {
    super(problems.map((p) => `${p.code} ${p.what}`).join("\n"), options);
    this.name = "LandfallError";
    this.problems = problems;
  }

  /** The exit code of the first problem, as the catalogue gives it. */
  get exitCode(): number {
    const first = this.problems[0];
    return first ? codes[first.code].exit : 1;
  }
}

/** A LandfallError of one problem, to throw. */
export function failure(
  code: Code,
  parts: Omit<Problem, "code" | "severity">,
  cause?: unknown,
): LandfallError {
  return new LandfallError([problem(code, parts)], cause === undefined ? undefined : { cause });
}

/** Throw when there are errors among the problems; warnings alone pass. */
export function throwProblems(problems: Problem[]): void {
  if (problems.some((p) => p.severity === "error")) throw new LandfallError(problems);
}

/** Problems by file, then line, then column. */
export function inFileOrder(problems: Problem[]): Problem[] {
  return problems.toSorted(({ where: a }, { where: b }) => {
    const [first, second] = [a?.file ?? "", b?.file ?? ""];
    if (first !== second) return first < second ? -1 : 1;
    return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
  });
}

/** `file:line:column`, as editors and terminals link it. */
export function formatPlace(place: Place): string {
  const position = [place.line, place.column].filter((n) => n !== undefined).join(":");
  return position ? `${place.file}:${position}` : place.file;
}

/** The problem as people read it, two to four lines. */
export function formatProblem(p: Problem): string {
  const head = `${p.severity} ${p.code}: ${p.what}`;
  const at = p.where ? `\n  at  ${formatPlace(p.where)}${p.where.path ? `  (${p.where.path})` : ""}` : "";
  const why = p.why ? `\n  why ${p.why}` : "";
  const fix = p.fix ? `\n  fix ${p.fix}` : "";
  return head + at + why + fix;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
