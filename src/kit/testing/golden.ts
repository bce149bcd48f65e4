import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { stringify } from "yaml";
import type { KubernetesObject } from "../../schema/object.ts";
import { canonicalJson, sha256 } from "../../util/hash.ts";

/** Compare objects with `<dir>/golden/<name>.yaml`; `UPDATE_GOLDEN=1` writes it instead. */
export function expectGolden(dir: string, name: string, objects: readonly KubernetesObject[]): void {
  const file = join(dir, "golden", `${name}.yaml`);
  const text = goldenText(objects);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const golden = existsSync(file) ? readFileSync(file, "utf8") : "";
  expect(text, `${file} differs; UPDATE_GOLDEN=1 rewrites it`).toBe(golden);
}

/** Objects as one YAML stream. A CRD is a line with its digest: the schema pack holds it whole. */
export function goldenText(objects: readonly KubernetesObject[]): string {
  if (objects.length === 0) return "# nothing\n";
  return objects
    .map((object) =>
      object.kind === "CustomResourceDefinition"
        ? `# ${object.kind} ${object.metadata.name} ${sha256(canonicalJson(object)).slice(0, 16)}\n`
        : stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }),
    )
    .join("---\n");
}
