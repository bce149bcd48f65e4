/** `spec.ports[0]` + `name` → `spec.ports[0].name`; a key that is no plain word is quoted in brackets. */
export function appendPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** A JSON pointer into `object` as a path for people; the object tells indexes from keys that are numbers. */
export function pointerPath(object: unknown, pointer: string): string {
  let path = "";
  let at = object;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path = Array.isArray(at) ? `${path}[${key}]` : appendPath(path, key);
    at = typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined;
  }
  return path;
}
