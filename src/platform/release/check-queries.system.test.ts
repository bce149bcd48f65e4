import { afterEach, expect, test, vi } from "vitest";
import { findBinary } from "../../embedded/binaries/find.ts";
import { LandfallError } from "../../util/errors.ts";
import { inFolder } from "../../util/testing/in-folder.ts";
import { check } from "../check.ts";
import { company } from "./testing/fleet.ts";

const promtool = await findBinary("promtool", { download: false, build: false }).catch(() => undefined);
if (!promtool)
  process.stderr.write("check-queries.system.test.ts is skipped: promtool is not in the cache\n");

afterEach(() => vi.unstubAllEnvs());

const declared = (query: string) =>
  company.replace(
    "clusters: [s1] }",
    `clusters: [s1], gates: [{ soak: 1m }, { promql: '${query}', max: 1 }] }`,
  );
const problemsOf = (query: string) =>
  inFolder({ "landfall.config.yaml": declared(query) }, async (dir) => {
    try {
      return (await check(dir)).warnings;
    } catch (error) {
      if (error instanceof LandfallError) return error.problems;
      throw error;
    }
  });

test.skipIf(!promtool)("promtool knows what functions take, where the grammar alone does not", async () => {
  expect(await problemsOf("sum(rate(errors[5m]))")).toEqual([]);
  const [problem, ...others] = await problemsOf("rate(errors)");
  expect(others).toEqual([]);
  expect(problem).toMatchObject({
    code: "LF1025",
    severity: "error",
    what: "a query of the wave first cannot be read",
    why: expect.stringContaining("expected type range vector"),
    where: { line: 10, path: "waves.0.gates.1.promql" },
  });
});

test("where there is no promtool that is told, and nothing is built for it", async () => {
  await inFolder({}, async (empty) => {
    vi.stubEnv("PATH", "/usr/bin:/bin");
    vi.stubEnv("LANDFALL_HOME", empty);
    expect(await problemsOf("rate(errors)")).toMatchObject([
      { code: "LF1025", severity: "info", what: expect.stringContaining("could not be judged") },
    ]);
  });
});
