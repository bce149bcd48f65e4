import { canonicalJson, sha256 } from "../util/hash.ts";

/**
 * `<name>-<8 hex digits of the content>`: who refers to it by this name gets this content and no other, so an old pod
 * never reads a new file, and a new pod waits for its own.
 */
export function contentName(name: string, data: Record<string, string> | string): string {
  return `${name}-${sha256(canonicalJson(data)).slice(0, 8)}`;
}
