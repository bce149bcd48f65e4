import type { MigrationStep } from "./types.ts";
import { toV2 } from "./v2/index.ts";

/** Every step, oldest first; each leads to the next version. */
export const migrations: readonly MigrationStep[] = [toV2];

/** The steps from a version to the newest. */
export function stepsFrom(version: number): MigrationStep[] {
  return migrations.filter(({ from }) => from >= version);
}
