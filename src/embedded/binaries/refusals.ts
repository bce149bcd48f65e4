import { readFileSync } from "node:fs";
import { writeFileAtomic } from "../../util/files.ts";
import { cachePath } from "../../util/home.ts";

/** How long a host that could not be reached is not asked again, in milliseconds. */
const rememberMs = 30 * 60 * 1000;

const file = () => cachePath("unreachable-hosts.json");

function readAll(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file(), "utf8")) as Record<string, number>;
  } catch {
    return {};
  }
}

/** Whether the host of a URL could not be reached a short while ago. */
export function isUnreachable(url: string, now = Date.now()): boolean {
  const since = readAll()[new URL(url).host];
  return since !== undefined && now - since >= 0 && now - since < rememberMs;
}

/** Remember that the host of a URL cannot be reached, so that the next twelve programs do not wait for it. */
export function rememberUnreachable(url: string, now = Date.now()): void {
  const kept = Object.entries(readAll()).filter(([, since]) => now - since < rememberMs);
  writeFileAtomic(file(), JSON.stringify({ ...Object.fromEntries(kept), [new URL(url).host]: now }));
}
