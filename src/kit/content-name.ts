import { sha256 } from "../util/hash.ts";

/**
 * `<name>-<8 hex digits of the content>`: who refers to it by this name gets this content and no other, so an old pod
 * never reads a new file, and a new pod waits for its own.
 */
export function contentName(name: string, data: Record<string, string> | string): string {
  return `${name}-${sha256(typeof data === "string" ? JSON.stringify(data) : flatJson(data)).slice(0, 8)}`;
}

/** Canonical JSON of a map of strings: files may be large, and asking about each of their keys takes time. */
function flatJson(data: Record<string, string>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))));
}
