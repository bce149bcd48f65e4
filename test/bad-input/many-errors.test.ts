/** An estate with 1,000 errors: all are told to programs, the first 50 and a count to people, in the files' order. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { documentOf, useLandfall } from "../../src/cli/testing/landfall.ts";
import { declaration } from "./company.ts";

const start = useLandfall();
let cli: ReturnType<typeof start>;

beforeEach(() => {
  cli = start();
  mkdirSync(join(cli.base, "apps/team"), { recursive: true });
  writeFileSync(join(cli.base, "landfall.config.yaml"), declaration("include: [apps]"));
  // Two errors a file: an unknown key on line 2, and a number that is too small on line 5.
  for (let i = 0; i < 500; i++) {
    const name = `a${String(499 - i).padStart(3, "0")}.yaml`;
    const folder = i % 2 === 0 ? "apps" : "apps/team";
    const text = "image: nginx:1\nimge: x\nscale:\n  min: 3\n  max: 0\n";
    writeFileSync(join(cli.base, folder, name), text);
  }
});

interface Told {
  code: string;
  where: { file: string; line: number };
}

test("`--json` lists every one in the order of files and lines", async () => {
  const ran = await cli.landfall(["check", "--json"]);
  expect(ran.code).toBe(2);
  const problems = documentOf(ran).problems as unknown as Told[];
  expect(problems).toHaveLength(1000);
  const order = problems.map(({ where }) => `${where.file}:${String(where.line).padStart(2, "0")}`);
  expect(order).toEqual(order.toSorted());
  expect(new Set(order).size).toBe(1000);
});

test("people see 50 and how many there are", async () => {
  const { code, stdout, stderr } = await cli.landfall(["build"]);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr.match(/^error LF/gm)).toHaveLength(50);
  expect(stderr.trimEnd().split("\n").at(-1)).toBe(
    "1000 in all, 950 more than shown: `--json` lists every one",
  );
});
