import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "./errors.ts";
import { besidePath, readIfThere } from "./files.ts";

/** What is to be written, and what the file held when that was made; undefined where there was none. */
export interface NewText {
  path: string;
  text: string;
  before: string | undefined;
}

/**
 * Write all files or none: each aside first, then all renamed. What is replaced keeps its permissions. Returns how to
 * put the old texts back.
 * Throws LF3009 when one of them changed since it was read.
 */
export function writeAll(files: NewText[]): () => void {
  const aside = new Map<string, string>();
  const done: NewText[] = [];
  const restore = () => {
    for (const { path, before } of done.splice(0)) {
      if (before === undefined) rmSync(path, { force: true });
      else writeFileSync(path, before);
    }
  };
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(path), { recursive: true });
      aside.set(path, besidePath(path));
      const mode = statSync(path, { throwIfNoEntry: false })?.mode;
      writeFileSync(aside.get(path) as string, text, mode === undefined ? {} : { mode: mode & 0o777 });
    }
    for (const file of files) {
      if (readIfThere(file.path) !== file.before) throw changedMeanwhile(file.path);
      renameSync(aside.get(file.path) as string, file.path);
      done.push(file);
    }
  } catch (error) {
    restore();
    throw error;
  } finally {
    for (const path of aside.values()) rmSync(path, { force: true });
  }
  return restore;
}

function changedMeanwhile(path: string) {
  return failure("LF3009", {
    what: `${path} changed while this change was made`,
    why: "writing on would undo what somebody else wrote",
    fix: "run the command again; nothing was written",
  });
}
