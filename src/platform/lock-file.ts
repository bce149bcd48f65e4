import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packSources } from "../schema/pack.ts";
import { failure, messageOf } from "../util/errors.ts";
import { writeFileAtomic } from "../util/files.ts";
import { canonicalJson } from "../util/hash.ts";

/** What was really used, by digest, where the declaration only names a version. */
export interface LockFile {
  version: 1;
  /** Upstream sources of schemas and custom resources, with Go's checksum of the module. */
  schemas: Record<string, { version: string; sum: string }>;
  images: Record<string, LockedImage>;
}

export interface LockedImage {
  digest: string;
  origin: "pulled" | "built";
  /** Set where the image is of another version than its reference says. */
  substitution?: { wanted: string; got: string };
  /** What a locally built image lacks beside the upstream one. */
  lacks?: string;
}

const fileName = "landfall.lock";

/** The lock file beside a declaration; empty when there is none. Throws LF1001 when it is damaged. */
export function readLock(dir: string): LockFile {
  const path = join(dir, fileName);
  const empty: LockFile = { version: 1, schemas: {}, images: {} };
  if (!existsSync(path)) return empty;
  try {
    return { ...empty, ...(JSON.parse(readFileSync(path, "utf8")) as LockFile) };
  } catch (error) {
    const fix = "restore it from Git, or remove it: it is written anew";
    throw failure("LF1001", { what: `${path} is damaged`, why: messageOf(error), fix }, error);
  }
}

/** Note images in the lock file, keeping what is still used. Unchanged content is not written. */
export function updateLock(dir: string, images: Record<string, LockedImage>, used: string[]): LockFile {
  const before = readLock(dir);
  const kept = Object.entries({ ...before.images, ...images }).filter(([ref]) => used.includes(ref));
  const after: LockFile = {
    version: 1,
    schemas: packSources(),
    images: Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  if (canonicalJson(before) !== canonicalJson(after)) {
    writeFileAtomic(join(dir, fileName), `${JSON.stringify(after, null, 2)}\n`);
  }
  return after;
}
