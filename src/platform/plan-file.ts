import { readFileSync } from "node:fs";
import { z } from "zod";
import { treeDigest } from "../changes/trees.ts";
import type { Changes } from "../changes/types.ts";
import type { Plan } from "../compile/plan.ts";
import { headOf } from "../emit/git/fleet.ts";
import { failure, messageOf, type Problem } from "../util/errors.ts";
import { writeFileAtomic } from "../util/files.ts";
import { declaredTree, fleetRepo } from "./plan-trees.ts";

/** What a declaration changes, and of what. */
export interface FleetPlan {
  company: string;
  base: { commit: string | undefined; title: string };
  /** The digest of all files that the declaration gives. */
  tree: string;
  changes: Changes;
  warnings: Problem[];
}

const savedPlan = z.looseObject({
  type: z.literal("landfall-plan"),
  version: z.literal(1),
  company: z.string(),
  base: z.string().nullable(),
  tree: z.string().regex(/^[0-9a-f]{64}$/),
});

type SavedPlan = z.output<typeof savedPlan>;

/** Save a plan, so that exactly this is built later or not at all. */
export function savePlan(file: string, { company, base, tree, changes }: FleetPlan): void {
  const saved = { type: "landfall-plan", version: 1, company, base: base.commit ?? null, tree, changes };
  writeFileAtomic(file, `${JSON.stringify(saved, null, 2)}\n`);
}

/** Read a saved plan. Throws LF3007 when the file is none. */
function readPlan(file: string): SavedPlan {
  try {
    return savedPlan.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw failure(
      "LF3007",
      {
        what: `${file} is no saved plan`,
        why: error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error),
        fix: `save one with: landfall plan --out ${file}`,
      },
      error,
    );
  }
}

/**
 * Hold a compiled declaration to the plan that was agreed on. Throws LF3005 when the fleet repo moved since, LF3006
 * when the declaration gives something else now.
 */
export async function holdToPlan(plan: Plan, file: string): Promise<void> {
  const saved = readPlan(file);
  const again = `look at it again: landfall plan --out ${file}`;
  if (saved.company !== plan.company) {
    throw failure("LF3006", {
      what: `${file} is a plan of ${saved.company}, not of ${plan.company}`,
      fix: again,
    });
  }
  const repo = await fleetRepo(plan);
  const head = repo && (await headOf(repo, plan.fleet.branch));
  if ((head ?? null) !== saved.base) {
    const short = (commit: string | null | undefined) => commit?.slice(0, 8) ?? "nothing";
    throw failure("LF3005", {
      what: `${plan.fleet.branch} of the fleet repo moved since ${file} was made`,
      why: `the plan compares with ${short(saved.base)}, and it is at ${short(head)} now: what was agreed on is not what would happen`,
      fix: again,
    });
  }
  if (treeDigest(declaredTree(plan)) !== saved.tree) {
    throw failure("LF3006", {
      what: `the declaration changed since ${file} was made`,
      why: "building it now would give other files than the plan shows",
      fix: again,
    });
  }
}
