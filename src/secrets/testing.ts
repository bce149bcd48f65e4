import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { LandfallError, type Problem } from "../util/errors.ts";

/** Give each test a declaration folder and a LANDFALL_HOME of its own, removed afterwards. */
export function useFolders(): { dir: string; home: string } {
  const folders = { dir: "", home: "" };
  beforeEach(() => {
    folders.dir = mkdtempSync(join(tmpdir(), "landfall-secrets-"));
    folders.home = mkdtempSync(join(tmpdir(), "landfall-home-"));
    vi.stubEnv("LANDFALL_HOME", folders.home);
    vi.stubEnv("SOPS_AGE_KEY", undefined);
    vi.stubEnv("SOPS_AGE_KEY_FILE", undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
  });
  return folders;
}

/** The first problem of what is thrown or rejected. */
export async function problemOf(run: () => unknown): Promise<Problem> {
  let error: unknown;
  try {
    await run();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(LandfallError);
  return (error as LandfallError).problems[0] as Problem;
}
