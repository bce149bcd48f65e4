import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();

test("eject writes beside the declaration or where it is told, and names the README", async () => {
  const { base, landfall } = start();
  await landfall(["init", "acme", "--form", "yaml"]);
  const first = await landfall(["eject", "acme"]);
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toMatch(/^✔ acme\/ejected: \d+ files as built, \d+ to go on without landfall\n$/);
  expect(first.stderr).toContain("next: cat acme/ejected/README.md");
  const url = "https://git.example.org/acme.git";
  const told = documentOf(await landfall(["eject", "acme", "--out", "there", "--url", url, "--json"]));
  expect(told).toMatchObject({ ok: true, company: "acme", folder: { path: join(base, "there") } });
  expect(told.added).toContain("README.md");
  expect(readFileSync(join(base, "there/README.md"), "utf8")).toContain(url);
}, 60_000);
