const width = 160;

/** JSON of two levels of objects with one entry a line: a change upstream is one changed line. */
export function linesJson(value: Record<string, Record<string, unknown>>): string {
  const sections = Object.entries(value).map(([section, entries]) => {
    const lines = Object.entries(entries).map(([key, v]) => `${JSON.stringify(key)}:${JSON.stringify(v)}`);
    return `${JSON.stringify(section)}:{\n${lines.join(",\n")}\n}`;
  });
  return `{\n${sections.join(",\n")}\n}\n`;
}

/** JSON that breaks a value over lines only where it does not fit one: small files, readable diffs. */
export function foldedJson(value: unknown): string {
  return `${fold(value, 0)}\n`;
}

function fold(value: unknown, depth: number): string {
  const flat = JSON.stringify(value);
  if (typeof value !== "object" || value === null || flat.length + depth <= width) return flat;
  const indent = `\n${" ".repeat(depth + 1)}`;
  const end = `\n${" ".repeat(depth)}`;
  if (Array.isArray(value)) {
    return `[${indent}${value.map((v) => fold(v, depth + 1)).join(`,${indent}`)}${end}]`;
  }
  const entries = Object.entries(value).map(([key, v]) => `${JSON.stringify(key)}:${fold(v, depth + 1)}`);
  return `{${indent}${entries.join(`,${indent}`)}${end}}`;
}
