import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { besidePath } from "./files.ts";
import { cachePath } from "./home.ts";

/** Texts kept in a file instead of in memory, for as long as they are needed. */
export interface Spool {
  /** Keep a text; the result reads it again, and gives undefined once the spool is closed or its disk is full. */
  put(text: string): () => string | undefined;
  close(): void;
}

const chunk = 1 << 20;

/** What a home that cannot be written gives: texts are made anew whenever they are asked for. */
const nowhere: Spool = { put: () => () => undefined, close: () => undefined };

/** A spool in a file that has no name, so that nothing is left of it when the process is killed. */
export function openSpool(): Spool {
  const path = besidePath(cachePath("work", "spool"));
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return spoolIn(file);
  } catch {
    return nowhere;
  }
}

function spoolIn(file: number): Spool {
  let open = true;
  const close = () => {
    if (open) closeSync(file);
    open = false;
  };
  /** A spool is a convenience: with the first error it is closed, and nothing of it is lost but time. */
  const orClose = <T>(act: () => T): T | undefined => {
    if (!open) return undefined;
    try {
      return act();
    } catch {
      close();
      return undefined;
    }
  };
  let window = { start: 0, bytes: Buffer.alloc(0) };
  // Read ahead as far as it has been of use: texts are mostly, but not always, read in the order they were put.
  let ahead = chunk;
  let used = true;
  let end = 0;
  // What was put last is not in the file yet.
  const pending = Buffer.allocUnsafe(chunk);
  let held = 0;
  const flush = () => {
    for (let sent = 0; sent < held; ) sent += writeSync(file, pending, sent, held - sent, end - held + sent);
    held = 0;
  };
  const put = (text: string) => {
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
    return { start, length };
  };
  const read = ({ start, length }: { start: number; length: number }) => {
    flush();
    if (start < window.start || start + length > window.start + window.bytes.length) {
      ahead = used ? Math.min(2 * ahead, chunk) : Math.max(ahead / 2, 1 << 13);
      used = false;
      const bytes = Buffer.allocUnsafe(Math.max(length, Math.min(ahead, end - start)));
      for (let got = 0; got < bytes.length; )
        got += readSync(file, bytes, got, bytes.length - got, start + got);
      window = { start, bytes };
    } else {
      used = true;
    }
    return window.bytes.toString("utf8", start - window.start, start - window.start + length);
  };
  return {
    put(text) {
      const at = orClose(() => put(text));
      return () => at && orClose(() => read(at));
    },
    close,
  };
}
