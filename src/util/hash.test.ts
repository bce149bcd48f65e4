import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, sha256 } from "./hash.ts";

test("SHA-256 as FIPS 180-4 gives it", () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(sha256("abc")).toBe(abc);
  expect(sha256(new TextEncoder().encode("abc"))).toBe(abc);
});

test("keys are sorted at every level and lists keep their order", () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }, 1], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1},1]}');
});

test("equal values give equal text, in whatever order their keys were set", () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, item]) => [key, reversed(item)]),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 200, seed: 5 },
  );
});
