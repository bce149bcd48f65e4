/**
 * The programs that landfall runs or puts into images: where each one's Go module is, what it is called and
 * where its makers publish it. Data only, one file a family; `find.ts` and `build.ts` read it, and a new program is one
 * entry.
 */
import type { Program } from "./program.ts";
import { controllers } from "./programs/controllers.ts";
import { kubernetesPrograms } from "./programs/kubernetes.ts";
import { prometheusPrograms } from "./programs/prometheus.ts";
import { tools } from "./programs/tools.ts";

export const programs: readonly Program[] = [
  ...kubernetesPrograms,
  ...controllers,
  ...prometheusPrograms,
  ...tools,
];

/** The program that answers to a name, its own or an alias. */
export function findProgram(name: string): Program | undefined {
  return programs.find((program) => program.name === name || program.aliases.includes(name));
}
