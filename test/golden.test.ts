/**
 * Whole declarations and the fleet they give. `UPDATE_GOLDEN=1 npx vitest run test/golden.test.ts` rewrites the trees; read
 * their diff like code. A custom resource's definition is kept as its digest, for the schema pack holds it whole.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { compile } from "../src/compile/index.ts";
import { emitFleet } from "../src/emit/flux/index.ts";
import { registry } from "../src/parts/index.ts";
import { sha256 } from "../src/util/hash.ts";
import { inFolder } from "../src/util/testing/in-folder.ts";

const here = fileURLToPath(new URL("./golden/", import.meta.url));
const program = fileURLToPath(new URL("../bin/landfall.js", import.meta.url));
const cases = ["minimal", "git-host", "company"];

const emit = async (name: string) => emitFleet(await compile(join(here, name), { registry }));

const asGolden = (text: string) =>
  /^kind: CustomResourceDefinition$/m.test(text) ? `# a definition of ${sha256(text).slice(0, 16)}\n` : text;

function filesIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== ".landfall-files.json")
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

describe.each(cases)("%s", (name) => {
  const golden = join(here, name, "fleet");

  test("gives the fleet that was reviewed", async () => {
    const files = Object.fromEntries([...(await emit(name))].map(([path, text]) => [path, asGolden(text)]));
    if (process.env.UPDATE_GOLDEN) {
      rmSync(golden, { recursive: true, force: true });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(golden, path)), { recursive: true });
        writeFileSync(join(golden, path), text);
      }
    }
    const reviewed = filesIn(golden);
    expect(Object.keys(files)).toEqual(Object.keys(reviewed));
    for (const [path, text] of Object.entries(files)) expect(text, path).toBe(reviewed[path]);
  });

  test("gives the same bytes in another process, zone, language and folder", () =>
    inFolder({}, async (folder) => {
      const env = { PATH: process.env.PATH, HOME: folder, LANDFALL_HOME: join(folder, "home") };
      const args = [program, "build", "company", "--out", join(folder, "fleet")];
      const declaration = readFileSync(join(here, name, "landfall.config.yaml"), "utf8");
      mkdirSync(join(folder, "company"));
      writeFileSync(join(folder, "company/landfall.config.yaml"), declaration);
      const elsewhere = { ...env, TZ: "Pacific/Chatham", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };
      await promisify(execFile)(process.execPath, args, { cwd: folder, env: elsewhere });
      expect(filesIn(join(folder, "fleet"))).toEqual(Object.fromEntries(await emit(name)));
    }));
});

test("variants are named after what they are for", async () => {
  const paths = [...(await emit("company")).keys()];
  expect(paths.filter((path) => path.startsWith("apps/"))).toEqual([
    "apps/api.dev.yaml",
    "apps/api.prod.yaml",
    "apps/cache.dev.yaml",
    "apps/cache.prod.yaml",
    "apps/jobs.yaml",
    "apps/web.yaml",
  ]);
});
