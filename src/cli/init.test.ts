import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();

describe.each(["ts", "yaml"])("init --form %s", (form) => {
  test("writes what check and build take, outside the checkout", async () => {
    const { base, landfall } = start();
    const made = await landfall(["init", "acme", "--form", form, "--json"]);
    const { files, name } = documentOf(made) as { files: string[]; name: string };
    expect(name).toBe("acme");
    expect(files.sort()).toEqual(filesIn(join(base, "acme")));
    const checked = await landfall(["check", "acme"]);
    expect(checked).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^✔ acme on local: 1 app, 9 parts/),
    });
    const built = await landfall(["build"], { cwd: join(base, "acme") });
    expect(built).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✔ fleet: \d+ files written/) });
    expect(existsSync(join(base, "acme/fleet/apps/hello.yaml"))).toBe(true);
  });

  test("takes a name and a host", async () => {
    const { base, landfall } = start();
    await landfall(["init", "x", "--form", form, "--name", "north-sea", "--host", "sea.example.org"]);
    const text = readFileSync(join(base, `x/landfall.config.${form}`), "utf8");
    expect(text).toContain("north-sea");
    const built = await landfall(["build", "x", "--json"]);
    expect(documentOf(built)).toMatchObject({ ok: true, company: "north-sea" });
    const route = readFileSync(join(base, "x/fleet/apps/hello.yaml"), "utf8");
    expect(route).toContain("sea.example.org");
  });
});

test("what is there is never overwritten, and then nothing is written", async () => {
  const { base, landfall } = start();
  await landfall(["init", "."]);
  const declaration = join(base, "landfall.config.ts");
  writeFileSync(declaration, "// mine\n");
  for (const form of ["ts", "yaml"]) {
    const again = await landfall(["init", ".", "--form", form, "--json"]);
    expect(again.code).toBe(1);
    expect(documentOf(again).problems?.[0]?.code).toBe("LF3001");
  }
  expect(readFileSync(declaration, "utf8")).toBe("// mine\n");
  expect(existsSync(join(base, "landfall.config.yaml"))).toBe(false);
});

test.each([
  ["My Shop!", "my-shop"],
  ["42-north", "north"],
  ["...", "shop"],
])("a folder called %s names the company %s", async (folder, name) => {
  const { landfall } = start();
  expect(documentOf(await landfall(["init", folder, "--json"])).name).toBe(name);
});

test("a name that is no DNS label is wrong usage", async () => {
  const { base, landfall } = start();
  const refused = await landfall(["init", "x", "--name", "North_Sea"]);
  expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("LF1015") });
  expect(existsSync(join(base, "x"))).toBe(false);
});

test("--estate writes a company of that size, which check takes as it is", async () => {
  const { base, landfall } = start();
  const size = ["--estate", "apps=20,clusters=3", "--seed", "5"];
  const made = await landfall(["init", "big", "--form", "yaml", ...size, "--json"]);
  const { files } = documentOf(made) as { files: string[] };
  expect(files.sort()).toEqual(filesIn(join(base, "big")));
  expect(files.filter((file) => file.startsWith("apps/"))).toHaveLength(20);
  const checked = await landfall(["check", "big"]);
  expect(checked).toMatchObject({ code: 0, stdout: expect.stringMatching(/^(✔ big on .*\n){3}$/) });
  const wrong = await landfall(["init", "other", "--estate", "apps=many"]);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("--estate apps=200,clusters=20") });
}, 60_000);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
