import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { besidePath } from "./files.ts";
import { cachePath } from "./home.ts";

/** Texts kept in a file instead of in memory, for as long as they are needed. */
export interface Spool {
  /** Keep a text; the result reads it again, and gives undefined once the spool is closed. */
  put(text: string): () => string | undefined;
  close(): void;
}

const chunk = 1 << 20;

/** A spool in a file that has no name, so that nothing is left of it when the process is killed. */
export function openSpool(): Spool {
  const path = besidePath(cachePath("work", "spool"));
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  let open = true;
  let end = 0;
  // What was put last is not in the file yet.
  const pending = Buffer.allocUnsafe(chunk);
  let held = 0;
  const flush = () => {
    for (let sent = 0; sent < held; ) sent += writeSync(file, pending, sent, held - sent, end - held + sent);
    held = 0;
  };
  return {
    put(text) {
      const length = Buffer.byteLength(text);
      if (held + length > chunk) flush();
      const start = end;
      end += length;
      if (length > chunk) {
        const bytes = Buffer.from(text);
        for (let sent = 0; sent < length; ) sent += writeSync(file, bytes, sent, length - sent, start + sent);
      } else {
        pending.write(text, held, "utf8");
        held += length;
      }
      return () => {
        if (!open) return undefined;
        flush();
        const bytes = Buffer.allocUnsafe(length);
        for (let got = 0; got < length; ) got += readSync(file, bytes, got, length - got, start + got);
        return bytes.toString("utf8");
      };
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}
