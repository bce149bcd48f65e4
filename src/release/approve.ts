import { type Problem, problem } from "../util/errors.ts";
import type { Action } from "./action.ts";
import { type Approval, noRight, wrongPhase } from "./command-problems.ts";
import { approversOf, mayApprove, waveOf } from "./gates.ts";
import type { Release } from "./release.ts";
import { step } from "./step.ts";
import { iso } from "./time.ts";

/** A person says yes to an approval of the present wave: the named one, or the first that still asks. */
export function approve(release: Release, id: string | undefined, by: string, at: number): Action | Problem {
  if (release.phase !== "running" && release.phase !== "paused") return wrongPhase(release, "approve");
  const gate = gateFor(release, id);
  if ("code" in gate) return gate;
  const { name } = waveOf(release);
  if (!mayApprove(release, by, gate)) return noRight(release, by, gate);
  if (release.provenAt === undefined) {
    return problem("LF4024", {
      what: `wave ${name} of ${release.id} cannot be approved yet`,
      why: "some of its clusters are not proven to serve the new version, so there is nothing to judge",
      fix: `wait until landfall release status ${release.id} shows them all updated`,
    });
  }
  if (approversOf(release, gate).has(by)) {
    return problem("LF4024", {
      what: `${by} has approved wave ${name} of ${release.id} already`,
      why: `${gate.id} asks for ${gate.count} different people`,
      fix: "somebody else approves",
    });
  }
  const approvals = [...release.approvals, { wave: release.wave, gate: gate.id, by, at: iso(at) }];
  return step("approve", release, at, { set: { approvals }, by, why: gate.id });
}

/** The gate that is meant: by name, or the one that still asks. */
function gateFor(release: Release, id: string | undefined): Approval | Problem {
  const { name, gates } = waveOf(release);
  const approvals = gates.filter((gate): gate is Approval => gate.type === "approval");
  const open = approvals.filter((gate) => approversOf(release, gate).size < gate.count);
  const named = id === undefined ? open[0] : approvals.find((gate) => gate.id === id);
  if (named) return named;
  const known = approvals.map((gate) => gate.id);
  return problem("LF4024", {
    what:
      id === undefined
        ? `wave ${name} of ${release.id} waits for no approval`
        : `wave ${name} of ${release.id} has no approval ${id}`,
    why: known.length === 0 ? "no gate of this wave is an approval" : `its approvals are ${known.join(", ")}`,
    fix: `landfall release status ${release.id} says what it waits for`,
  });
}
