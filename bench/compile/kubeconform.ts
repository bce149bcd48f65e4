/** Kubeconform over what a peer wrote, with the schemas that landfall itself checks by. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Invocation } from "../../lab/peers/peers.ts";
import { knownProgram } from "../../lab/peers/tools.ts";
import { kubernetesSchemas } from "../../src/schema/pack.ts";
import { kinds } from "./work.ts";

/** Gives the command that validates a folder: strict, two workers, schemas on this machine. */
export async function kubeconform(folder: string): Promise<(out: string) => Invocation> {
  const command = await knownProgram("kubeconform");
  const { kinds: names, definitions } = kubernetesSchemas("1.36");
  mkdirSync(folder, { recursive: true });
  for (const [key, definition] of Object.entries(names)) {
    const kind = key.slice(key.lastIndexOf("/") + 1);
    if (!kinds.includes(kind)) continue;
    const schema = { $ref: `#/definitions/${definition}`, definitions };
    writeFileSync(join(folder, `${kind.toLowerCase()}.json`), JSON.stringify(schema));
  }
  const schemas = join(folder, "{{.ResourceKind}}.json");
  return (out) => ({ command, args: ["-strict", "-n", "2", "-schema-location", schemas, out] });
}
