import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../util/files.ts";
import { landfallHome } from "../util/home.ts";
import type { Durations } from "./task.ts";

/** Durations kept per command under LANDFALL_HOME. A damaged file counts as none. */
export function rememberedDurations(command: string): Durations {
  const path = join(landfallHome(), "durations.json");
  const all = read(path);
  return {
    of: (task) => all[`${command}.${task}`],
    note(task, ms) {
      all[`${command}.${task}`] = Math.round(ms);
      try {
        writeFileAtomic(path, `${JSON.stringify(all, null, 2)}\n`);
      } catch {
        // An estimate is not worth failing for; a full disk shows where it matters.
      }
    },
  };
}

function read(path: string): Record<string, number> {
  try {
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, number>) : {};
  } catch {
    return {};
  }
}
