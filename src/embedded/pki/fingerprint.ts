import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../util/hash.ts";

/** One short hash of all certificates in a folder: it changes when any is issued anew. */
export function certificatesFingerprint(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith(".crt"));
  const hashes = files.sort().map((name) => `${name} ${sha256(readFileSync(join(folder, name)))}`);
  return sha256(hashes.join("\n")).slice(0, 16);
}
