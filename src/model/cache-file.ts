import { readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFileAtomic } from "../util/files.ts";

/** What nobody wrote for this long is of a declaration that is gone, or is made again. In milliseconds. */
const longest = 30 * 24 * 3600 * 1000;

/** Write a file of a cache and remove those beside it that are old. A home that cannot be written is no error. */
export function keepInCache(path: string, text: string): void {
  try {
    writeFileAtomic(path, text);
    for (const name of readdirSync(dirname(path))) {
      const other = join(dirname(path), name);
      if (Date.now() - statSync(other).mtimeMs > longest) rmSync(other, { force: true });
    }
  } catch {
    // The next run reads what it needs again.
  }
}
