import { readFileSync } from "node:fs";
import { messageOf } from "../../util/errors.ts";
import { writeFileAtomic } from "../../util/files.ts";
import type { ProcessId } from "../types.ts";

/** A running process and the spec it was started from. */
export interface PidEntry extends ProcessId {
  specHash: string;
}

/** What the supervisor started, on disk: the supervisor that comes after a kill adopts it. */
export interface PidRecord {
  get: (name: string) => PidEntry | undefined;
  names: () => string[];
  set: (name: string, entry: PidEntry | undefined) => void;
}

/** The processes in a record file; none when it is missing or damaged. */
export function readPids(path: string): Record<string, PidEntry> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, PidEntry>;
  } catch {
    return {};
  }
}

/** A record kept at `path`. A full disk must not stop the supervision, so it is only logged. */
export function openPidRecord(path: string, log: (line: string) => void): PidRecord {
  const entries = readPids(path);
  return {
    get: (name) => entries[name],
    names: () => Object.keys(entries),
    set: (name, entry) => {
      if (entry) entries[name] = entry;
      else delete entries[name];
      try {
        writeFileAtomic(path, JSON.stringify(entries), 0o600);
      } catch (error) {
        log(`cannot write ${path}: ${messageOf(error)}`);
      }
    },
  };
}
