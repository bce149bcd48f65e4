import { expect, test } from "vitest";
import { failure, formatPlace, formatProblem, LandfallError, problem, throwProblems } from "./errors.ts";

const where = { file: "landfall.config.ts", line: 9, column: 3, path: "apps.api" };
const bad = problem("LF1013", { what: "api runs on us", why: "calls stay", fix: "place main there", where });

test("a problem reads as what, where, why and fix", () => {
  expect(formatProblem(bad)).toBe(
    `error LF1013: api runs on us
  at  landfall.config.ts:9:3  (apps.api)
  why calls stay
  fix place main there`,
  );
  expect(formatPlace({ file: "a.ts" })).toBe("a.ts");
});

test("an error carries every problem and the first one's exit code", () => {
  const error = new LandfallError([problem("LF7001", { what: "no value" }), bad]);
  expect(error.exitCode).toBe(4);
  expect(error.message).toBe("LF7001 no value\nLF1013 api runs on us");
  expect(failure("LF1001", { what: "x" }, bad).cause).toBe(bad);
});

test("warnings alone do not throw", () => {
  expect(() => throwProblems([{ ...bad, severity: "warning" }])).not.toThrow();
  expect(() => throwProblems([bad])).toThrow(LandfallError);
});
