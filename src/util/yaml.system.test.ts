/** The reader that counts is Go's: Kubernetes and Flux read manifests with sigs.k8s.io/yaml. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { trickyValues, yamlValue } from "./testing/yaml-values.ts";
import { toYaml } from "./yaml.ts";

const source = fileURLToPath(new URL("./testdata/yaml-reader", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "landfall-yaml-"));
const reader = join(folder, "yaml-reader");

beforeAll(() => {
  execFileSync("go", ["build", "-o", reader, "."], { cwd: source, stdio: ["ignore", "ignore", "inherit"] });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("Go's reader gets what was written", () => {
  const values = [...trickyValues, ...fc.sample(yamlValue, { numRuns: 20_000, seed: 11 })];
  const input = values.map((value) => JSON.stringify(toYaml(value))).join("\n");
  const read = execFileSync(reader, { input, maxBuffer: 2 ** 30 })
    .toString()
    .trimEnd()
    .split("\n");
  expect(read).toHaveLength(values.length);
  for (const [i, value] of values.entries()) {
    const line = read[i] as string;
    // Go sorts keys, so the values are compared and not their text.
    expect(JSON.parse(line.startsWith("ERROR") ? JSON.stringify(line) : line), toYaml(value)).toEqual(
      JSON.parse(JSON.stringify(value)),
    );
  }
}, 60_000);
