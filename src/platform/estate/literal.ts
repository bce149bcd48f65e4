/** A value of JSON as it is written in TypeScript: on one line, keys bare where they may be. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = fieldsOf(value);
  return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
}

/** The fields of an object, each as `key: value`. */
export function fieldsOf(value: object): string[] {
  return Object.entries(value).map(([key, item]) => `${keyOf(key)}: ${literal(item)}`);
}

function keyOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
