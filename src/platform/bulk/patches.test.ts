import fc from "fast-check";
import { expect, test } from "vitest";
import { mergePatch } from "../../model/merge-patch.ts";
import { composePatches, leavesOf, patchBetween, valueAt } from "./patches.ts";

const key = fc.constantFrom("a", "b", "c");
const leaf = fc.oneof(fc.integer({ max: 3 }), fc.constant("x"), fc.constant([1]));
const { tree } = fc.letrec((tie) => ({
  tree: fc.dictionary(key, fc.oneof({ maxDepth: 3 }, leaf, tie("tree"))),
}));
const seed = 20261121;

test("a patch between two values turns one into the other", () => {
  fc.assert(
    fc.property(tree, tree, (from, to) => {
      expect(mergePatch(from, patchBetween(from, to) ?? {})).toEqual(to);
    }),
    { seed, numRuns: 300 },
  );
});

test("composed patches that set or remove values do what both do", () => {
  const values = fc.dictionary(key, fc.option(leaf));
  const patch = fc.record({ env: values, more: values }, { requiredKeys: [] });
  fc.assert(
    fc.property(tree, patch, patch, (target, first, second) => {
      expect(mergePatch(target, composePatches(first, second))).toEqual(
        mergePatch(mergePatch(target, first), second),
      );
    }),
    { seed, numRuns: 300 },
  );
});

test("leaves name what a patch sets", () => {
  expect(leavesOf({ a: { b: 1, c: null }, d: [2], e: {} })).toEqual([
    { path: ["a", "b"], value: 1 },
    { path: ["a", "c"], value: null },
    { path: ["d"], value: [2] },
    { path: ["e"], value: {} },
  ]);
  expect(valueAt({ a: { b: 1 } }, ["a", "b"])).toBe(1);
  expect(valueAt({ a: { b: 1 } }, ["a", "constructor"])).toBeUndefined();
});
