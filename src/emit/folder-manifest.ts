import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join, normalize } from "node:path";
import { blobId, sha256 } from "../util/hash.ts";

/** What landfall wrote, so that it removes nothing else: path → the digests its content may have. */
export type Manifest = Record<string, string[]>;

const fileName = ".landfall-files.json";

/** Whether a text has a digest: Git's id of it, or the SHA-256 that older manifests have. */
export function hasDigest(text: string, digest: string): boolean {
  return digest === (digest.length === 64 ? sha256(text) : blobId(text));
}

/** The manifest of a folder and when it was written; empty where there is none or it is damaged, so that every file counts as a person's. */
export function readManifest(folder: string): { manifest: Manifest; writtenMs: number } {
  try {
    const read = JSON.parse(readFileSync(join(folder, fileName), "utf8")) as Record<string, unknown>;
    const manifest: Manifest = Object.create(null);
    for (const path in read)
      if (isWithin(path))
        manifest[path] = (Array.isArray(read[path]) ? read[path] : [read[path]]) as string[];
    return { manifest, writtenMs: statSync(join(folder, fileName)).mtimeMs };
  } catch {
    return { manifest: {}, writtenMs: 0 };
  }
}

/** A manifest that was tampered with must not make a build remove files elsewhere. */
function isWithin(path: string): boolean {
  return !isAbsolute(path) && normalize(path) === path && !path.startsWith("..");
}

/** One digest a file, but where a build was under way: the old and the new. */
export function manifestText(manifest: Manifest): string {
  const paths = Object.keys(manifest);
  if (paths.some((path, i) => i > 0 && path < (paths[i - 1] as string))) paths.sort();
  const lines = paths.map((path) => {
    const [first, ...more] = new Set(manifest[path]);
    return ` ${JSON.stringify(path)}: ${JSON.stringify(more.length > 0 ? [first, ...more] : first)}`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}

/** Replace the manifest as a whole; `aside` is a folder on the same file system. */
export function writeManifest(folder: string, aside: string, manifest: Manifest): void {
  writeFileSync(join(aside, fileName), manifestText(manifest));
  renameSync(join(aside, fileName), join(folder, fileName));
}
