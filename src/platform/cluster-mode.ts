import { existsSync } from "node:fs";
import { join } from "node:path";
import { chooseMode } from "../embedded/choose.ts";
import { readState } from "../embedded/state/state.ts";
import type { Mode } from "../embedded/types.ts";
import { failure } from "../util/errors.ts";

const words: Record<Mode, string> = { pods: "real pods", simulated: "simulated pods" };

/**
 * How pods of an embedded cluster run, and why they are simulated. A cluster that has data stays what it is: volumes
 * of simulated pods hold nothing that a real pod could use. LF1016 when the other mode is asked for by name.
 */
export function clusterMode(name: string, asked: "auto" | Mode): { mode: Mode; reason?: string } {
  const chosen = chooseMode({ mode: asked });
  const known = readState(name);
  if (!known || known.mode === chosen.mode || !existsSync(join(known.folder, "data"))) return chosen;
  if (asked === "auto") return { mode: known.mode, reason: `${name} was made so` };
  throw failure("LF1016", {
    what: `${name} was made with ${words[known.mode]}, now ${words[asked]} are asked for`,
    why: "the data of one cannot serve the other",
    fix: `run \`landfall down\` first, which removes the data, or leave out --mode`,
  });
}
