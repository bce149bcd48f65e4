import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";

const longestBytes = 32 * 1024 * 1024;

/** Empty the log files that grew too long. Their writers append, so they go on at the beginning. */
export function trimLogs(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).size > longestBytes) truncateSync(path, 0);
  }
}
