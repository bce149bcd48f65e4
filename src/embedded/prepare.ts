import { landfallHome } from "../util/home.ts";
import { chooseMode, requireWishedPorts } from "./choose.ts";
import type { EventSink } from "./launch/events.ts";
import { requireSpace } from "./machine/disk.ts";
import { requireMemory } from "./machine/memory.ts";
import { isAlive } from "./machine/process-id.ts";
import { installPackages } from "./packages.ts";
import { resolvePrograms } from "./resolve-programs.ts";
import type { ClusterState, EmbeddedSpec, Mode } from "./types.ts";

const gib = 1024 ** 3;

/** The least memory, in bytes, that a cluster starts with. */
const leastMemory: Record<Mode, number> = { pods: gib, simulated: gib / 2 };

/**
 * Look for and get everything a start needs of the machine. Nothing of a running cluster is touched, so that
 * a start that cannot succeed leaves it as it is. Errors: LF4001–LF4005, LF5001, LF5002, LF9003.
 */
export async function prepareMachine(
  spec: EmbeddedSpec,
  before: ClusterState | undefined,
  sink: EventSink,
): Promise<{ mode: Mode; binaries: Record<string, string> }> {
  sink.start("machine", "machine");
  const { mode, reason } = chooseMode(spec);
  const purpose = `the cluster ${spec.name}`;
  requireSpace(landfallHome(), gib, purpose);
  // One that runs has its memory already and gives it back before the new start.
  if (!before?.root || !isAlive(before.root)) requireMemory(leastMemory[mode], purpose);
  await requireWishedPorts(spec, mode);
  sink.done("machine", mode === "pods" ? "real pods" : `pods are SIMULATED: ${reason}`);
  if (mode === "pods") {
    sink.start("packages", "system packages");
    const installed = await installPackages((line) => sink.progress("packages", line));
    sink.done("packages", installed.length > 0 ? `${installed.length} installed` : "all there");
  }
  sink.check();
  sink.start("binaries", "programs");
  const binaries = await resolvePrograms(spec, mode, {
    onProgress: (line) => sink.progress("binaries", line),
    ...(sink.signal ? { signal: sink.signal } : {}),
  });
  sink.done("binaries", `${Object.keys(binaries).length} programs`);
  sink.check();
  return { mode, binaries };
}
