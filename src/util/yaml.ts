/**
 * YAML as every reader takes it: Kubernetes and Flux read YAML 1.1 with rules of their own (`0o14` is 12, a raw U+0085
 * ends a line, `<<` merges), other tools read YAML 1.2. So a string is plain only where it can be nothing else for any
 * of them; all others are quoted as in JSON, or written as a literal block where that keeps every character.
 */

/** A value as a YAML document. Keys keep their order, lines are never folded, `undefined` is left out as in JSON. */
export function toYaml(value: unknown): string {
  return isBranch(value) ? block(value, "") : `${scalar(value, "")}\n`;
}

type Branch = unknown[] | Record<string, unknown>;

/** Whether it takes lines of its own: a list or map with something in it. */
function isBranch(value: unknown): value is Branch {
  if (value === null || typeof value !== "object") return false;
  return Array.isArray(value) ? value.length > 0 : Object.values(value).some((item) => item !== undefined);
}

/** Lines that each begin with `indent`. */
function block(branch: Branch, indent: string): string {
  const inner = `${indent}  `;
  let text = "";
  if (Array.isArray(branch)) {
    for (const item of branch) {
      text += `${indent}- ${isBranch(item) ? block(item, inner).slice(inner.length) : `${scalar(item, indent)}\n`}`;
    }
    return text;
  }
  for (const [key, item] of Object.entries(branch)) {
    if (item === undefined) continue;
    text += `${indent}${mapKey(key, indent)}:${isBranch(item) ? `\n${block(item, inner)}` : ` ${scalar(item, indent)}\n`}`;
  }
  return text;
}

/** Keys come again and again; what they are written as is found out once. */
const knownKeys = new Map<string, string>();
const mostKeys = 10_000;

/** Readers look no further than 1024 characters for a key's colon, unless a `?` announces it. */
function mapKey(text: string, indent: string): string {
  const key = knownKeys.get(text) ?? line(text);
  if (knownKeys.size < mostKeys) knownKeys.set(text, key);
  return key.length > 1000 ? `? ${key}\n${indent}` : key;
}

function scalar(value: unknown, indent: string): string {
  if (typeof value === "string") return isLiteral(value) ? literal(value, `${indent}  `) : line(value);
  if (Array.isArray(value)) return "[]";
  return value !== null && typeof value === "object" ? "{}" : (JSON.stringify(value) ?? "null");
}

/** Starts with a letter, `_` or `/`; printable ASCII; no `: ` or ` #` in it, nothing at its end. */
const plain = /^[A-Za-z_/](?:[!-9;-~]|:(?=[!-~])| (?=[!"$-~]))*$/;
const quantity = /^\d+(?:m|s|h|d|[KMGT]i?)$/;
/** What one reader or another takes for a boolean, nothing or a number. */
const reserved = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf|infinity)$/i;
/** Characters that a reader refuses, or takes for the end of a line. */
const unsafe = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A string on one line. */
function line(text: string): string {
  if ((plain.test(text) && !reserved.test(text)) || quantity.test(text)) return text;
  return JSON.stringify(text.toWellFormed()).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Lines of visible text, none of spaces alone, of which the first shows the indentation. */
function isLiteral(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those that a block cannot hold
  return /^\S.*\n/.test(text) && !/[\u0000-\u0008\u000b-\u001f]|^[ \t]+$/m.test(text) && !unsafeIn(text);
}

function unsafeIn(text: string): boolean {
  return text.search(unsafe) >= 0 || !text.isWellFormed();
}

/** A block of the text's lines; how it ends says how many line breaks are at the end. */
function literal(text: string, indent: string): string {
  let cut = text.length;
  while (cut > 0 && text.charCodeAt(cut - 1) === 10) cut--;
  const [body, end] = [text.slice(0, cut), text.slice(cut)];
  const lines = body.split("\n").map((row) => (row === "" ? "" : indent + row));
  const keep = end.length === 0 ? "-" : end.length === 1 ? "" : "+";
  return `|${keep}\n${lines.join("\n")}${end.slice(1)}`;
}
