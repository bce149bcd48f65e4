import { existsSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { readLock, updateLock } from "./lock-file.ts";

const built = { digest: "sha256:aa", origin: "built" } as const;
const other = { digest: "sha256:bb", origin: "pulled", substitution: { wanted: "7.2", got: "7.0" } } as const;

test("the lock file keeps what is still used, sorted, with the sources of schemas", () =>
  inFolder({}, async (dir) => {
    expect(readLock(dir)).toMatchObject({ version: 1, images: {} });
    updateLock(dir, { "web:1": built, "redis:7": other }, ["web:1", "redis:7"]);
    const lock = updateLock(dir, { "api:1": built }, ["api:1", "redis:7", "never-built:1"]);
    expect(Object.entries(lock.images)).toEqual([
      ["api:1", built],
      ["redis:7", other],
    ]);
    expect(Object.keys(lock.schemas).length).toBeGreaterThan(0);
    expect(readLock(dir)).toEqual(lock);
    expect(readFileSync(join(dir, "landfall.lock"), "utf8")).not.toMatch(/https?:/);
  }));

test("what is unchanged is not written", () =>
  inFolder({}, async (dir) => {
    const file = join(dir, "landfall.lock");
    updateLock(dir, { "web:1": built }, ["web:1"]);
    expect(existsSync(file)).toBe(true);
    utimesSync(file, 1, 1);
    updateLock(dir, {}, ["web:1"]);
    expect(statSync(file).mtimeMs).toBe(1000);
  }));

test("a damaged lock file is told with its fix", () =>
  inFolder({ "landfall.lock": "{" }, async (dir) => {
    expect(() => readLock(dir)).toThrow(/^LF1001 .*landfall\.lock is damaged$/);
  }));
