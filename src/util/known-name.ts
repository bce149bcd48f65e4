import type { Code } from "./codes.ts";
import { didYouMean } from "./did-you-mean.ts";
import { failure } from "./errors.ts";

const most = 12;

/** What to do about a name that nothing has: the nearest that something has, else the first of these. */
export function nameHint(name: string, known: readonly string[]): string {
  const near = didYouMean(name, known);
  if (near) return `did you mean ${near}?`;
  if (known.length === 0) return "there is none yet";
  return `there are ${known.slice(0, most).join(", ")}${known.length > most ? ", …" : ""}`;
}

/** Throws `code` when a name that was given is none of the known. */
export function requireName(code: Code, thing: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw failure(code, { what: `there is no ${thing} named ${name}`, fix: nameHint(name, known) });
}
