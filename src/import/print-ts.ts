/** Plain values as TypeScript, as a person would lay them out. */

const width = 100;

/** TypeScript that stands where a value would: a constant's name, a call. */
export class Code {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A value as an expression; lines after the first begin with `indent`. */
export function print(value: unknown, indent = "", column = indent.length): string {
  if (value instanceof Code) return value.text;
  if (typeof value === "string") return printString(value);
  if (value === null || typeof value !== "object") return String(value);
  const line = inline(value);
  if (line !== undefined && column + line.length <= width) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => `${inner}${print(item, inner)},\n`);
    return `[\n${items.join("")}${indent}]`;
  }
  const fields = Object.entries(value).map(([key, item]) => {
    const head = `${inner}${printKey(key)}: `;
    return `${head}${print(item, inner, head.length)},\n`;
  });
  return `{\n${fields.join("")}${indent}}`;
}

/** On one line; undefined where it holds text of several lines. */
function inline(value: unknown): string | undefined {
  if (value instanceof Code) return value.text.includes("\n") ? undefined : value.text;
  if (typeof value === "string") return value.includes("\n") ? undefined : printString(value);
  if (value === null || typeof value !== "object") return String(value);
  const entries = Object.entries(value);
  const items = entries.map(([, item]) => inline(item));
  if (items.includes(undefined)) return undefined;
  if (Array.isArray(value)) return `[${items.join(", ")}]`;
  if (items.length === 0) return "{}";
  return `{ ${entries.map(([key], i) => `${printKey(key)}: ${items[i]}`).join(", ")} }`;
}

function printKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) && key !== "__proto__" ? key : JSON.stringify(key);
}

/** Text of several lines as a template, so that it reads as it is; its lines are never indented. */
function printString(text: string): string {
  const readable = text.includes("\n") && !/[^\n\t\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff]/.test(text);
  if (!readable)
    return JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
  return `\`${text.replace(/[\\`]|\$(?=\{)/g, "\\$&")}\``;
}
