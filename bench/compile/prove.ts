/** Before anything is timed: every tool gives the same objects, and kubeconform finds all of them valid. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { differences, objectsIn } from "./objects.ts";
import { runOnce } from "./run.ts";
import type { Tool } from "./tools.ts";
import { allApps, kinds } from "./work.ts";

export interface Proof {
  apps: number;
  objects: number;
  equal: string[];
}

/** Throws with the first differences when a tool's objects are not landfall's. */
export async function proveEqual(
  tools: Tool[],
  base: string,
  validate: (out: string) => { command: string; args: string[] },
): Promise<Proof> {
  const count = 50;
  const results: [Tool, Map<string, string>][] = [];
  for (const tool of tools) {
    const folder = join(base, `prove-${tool.id}`);
    const [input, out] = [join(folder, "in"), join(folder, "out")];
    mkdirSync(input, { recursive: true });
    mkdirSync(out);
    tool.prepare(input, allApps(count));
    const limitMs = 120_000;
    const result = await runOnce(tool.run(input, out), { limitMs, env: tool.env(input) });
    if (result === "over") throw new Error(`${tool.title} took over ${limitMs / 1000} s for ${count} apps`);
    results.push([tool, objectsIn(out)]);
    if (!tool.ours) await runOnce(validate(out), { limitMs });
    rmSync(folder, { recursive: true });
  }
  const [first, ...others] = results;
  const expected = first?.[1] ?? new Map<string, string>();
  const objects = count * kinds.length;
  if (expected.size !== objects)
    throw new Error(`${first?.[0].title} wrote ${expected.size} of ${objects} objects`);
  for (const [tool, found] of others) {
    const wrong = differences(expected, found);
    if (wrong.length > 0) throw new Error(`${tool.title} differs:\n${wrong.join("\n")}`);
  }
  return { apps: count, objects, equal: others.map(([tool]) => tool.id) };
}
