import { expect, test } from "vitest";
import { didYouMean } from "./did-you-mean.ts";

const known = ["image", "source", "scale", "environments", "expose"];

test.each([
  ["imge", "image"],
  ["scal", "scale"],
  ["enviroments", "environments"],
  ["Source", "source"],
  ["image", "image"],
])("%s means %s", (word, meant) => expect(didYouMean(word, known)).toBe(meant));

test("what is far from everything means nothing", () => {
  expect(didYouMean("telemetry", known)).toBeUndefined();
  expect(didYouMean("x", [])).toBeUndefined();
});

test("of two as near, the first is meant", () => {
  expect(didYouMean("cat", ["car", "can"])).toBe("car");
});
