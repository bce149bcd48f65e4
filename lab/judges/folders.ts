import { rmSync } from "node:fs";
import { afterEach } from "vitest";
import { writeFolder } from "./shop.ts";

/** Folders that each test writes and that are gone after it. */
export function useJudgeFolders(): (files: Record<string, string>) => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return (files) => {
    const folder = writeFolder(files);
    made.push(folder);
    return folder;
  };
}
