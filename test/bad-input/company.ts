import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "../../src/platform/build.ts";
import { LandfallError, type Problem } from "../../src/util/errors.ts";
import { inFolder } from "../../src/util/testing/in-folder.ts";

/** A declaration in YAML with a cluster and Flux; `rest` adds to the company. */
export function declaration(rest: string): string {
  return `landfall: 2
company: shop
clusters: { prod: { type: kubernetes, context: prod } }
parts: { flux: {} }
${rest}
`;
}

/** A build of these files: what it wrote, or everything that is wrong. */
export interface Outcome {
  problems: Problem[];
  /** Files written; 0 when it was refused. */
  written: number;
}

/**
 * Build a folder of these files in this process, with a LANDFALL_HOME of its own. `prepare` may change the folder
 * first, `look` is called with it when the build went well.
 */
export function buildOf(
  files: Record<string, string>,
  hooks: { prepare?: (folder: string) => void; look?: (folder: string) => void } = {},
): Promise<Outcome> {
  return inFolder({}, (base) =>
    inFolder(files, async (folder) => {
      const before = process.env.LANDFALL_HOME;
      process.env.LANDFALL_HOME = join(base, "home");
      mkdirSync(process.env.LANDFALL_HOME);
      try {
        hooks.prepare?.(folder);
        const outcome = await attempt(folder);
        if (outcome.written > 0) hooks.look?.(folder);
        return outcome;
      } finally {
        if (before === undefined) delete process.env.LANDFALL_HOME;
        else process.env.LANDFALL_HOME = before;
      }
    }),
  );
}

async function attempt(folder: string): Promise<Outcome> {
  try {
    const { plan, folder: result } = await build(folder);
    return { problems: plan.warnings, written: result.written };
  } catch (error) {
    if (error instanceof LandfallError) return { problems: error.problems, written: 0 };
    throw error;
  }
}

/** `CODE file:line` of each problem. */
export const places = ({ problems }: Outcome): string[] =>
  problems.map(({ code, where }) => `${code} ${where?.file ?? ""}${where?.line ? `:${where.line}` : ""}`);
