import { describe, expect, it } from "vitest";
import { LandfallError } from "../util/errors.ts";
import { exampleRelease } from "./testing/example.ts";
import { parseRelease, releaseText } from "./text.ts";

const path = "releases/shop-2.json";

function problemsOf(text: string): object[] {
  try {
    parseRelease(text, path);
  } catch (error) {
    if (error instanceof LandfallError) return error.problems;
    throw error;
  }
  return [];
}

describe("a release file", () => {
  it("is read as it was written", () => {
    const release = exampleRelease();
    expect(parseRelease(releaseText(release), path)).toEqual(release);
    expect(releaseText(parseRelease(releaseText(release), path))).toBe(releaseText(release));
  });

  it.each([
    ["cut off", releaseText(exampleRelease()).slice(0, 300), { what: `${path} is damaged` }],
    [
      "of a newer form",
      '{"form":2}',
      { what: expect.stringContaining("form 2"), fix: "use the newer version of landfall here, too" },
    ],
    ["of another kind", "[]", { what: `${path} is no release file` }],
    [
      "with a step gone",
      releaseText(exampleRelease()).replace('"step": 0', '"step": -1'),
      { why: expect.stringMatching(/^step: /) },
    ],
  ])("that is %s tells what to do", (_, text, problem) => {
    const fix = expect.stringContaining("landfall");
    expect(problemsOf(text)).toEqual([expect.objectContaining({ code: "LF4021", fix, ...problem })]);
  });
});
