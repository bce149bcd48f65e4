import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../util/hash.ts";
import { fieldChanges } from "./fields.ts";

const pod = (containers: object[]) => ({ spec: { containers } });

test("named things are matched by name, so an insertion is one line", () => {
  const from = pod([{ name: "b", env: [{ name: "X", value: "1" }] }]);
  const to = pod([
    { name: "a" },
    {
      name: "b",
      env: [
        { name: "W", value: "0" },
        { name: "X", value: "2" },
      ],
    },
  ]);
  expect(fieldChanges(from, to)).toEqual([
    { path: "spec.containers[a]", to: { name: "a" } },
    { path: "spec.containers[b].env[W]", to: { name: "W", value: "0" } },
    { path: "spec.containers[b].env[X].value", from: "1", to: "2" },
  ]);
});

test("the order of named things is a change of its own", () => {
  expect(
    fieldChanges({ env: [{ name: "A" }, { name: "B" }] }, { env: [{ name: "B" }, { name: "A" }] }),
  ).toEqual([{ path: "env[order]", from: ["A", "B"], to: ["B", "A"] }]);
});

test("items without names: what is equal cancels out", () => {
  const rule = (port: number) => ({ ports: [{ port }], from: [{ podSelector: {} }] });
  expect(fieldChanges({ ingress: [rule(1), rule(2)] }, { ingress: [rule(0), rule(1), rule(3)] })).toEqual([
    { path: "ingress[0].ports[0].port", from: 2, to: 0 },
    { path: "ingress[2]", to: rule(3) },
  ]);
  expect(fieldChanges({ ingress: [rule(1), rule(2)] }, { ingress: [rule(2)] })).toEqual([
    { path: "ingress[0]", from: rule(1) },
  ]);
});

test("mounts go by their path, claims by their metadata, labels stand in brackets", () => {
  const of = (extra: object, size: string, label: string) => ({
    metadata: { labels: { "a.b/c": label } },
    mounts: [{ mountPath: "/a", name: "x" }, extra],
    claims: [{ metadata: { name: "data" }, size }],
  });
  expect(fieldChanges(of({ mountPath: "/b" }, "1Gi", "x"), of({ mountPath: "/c" }, "2Gi", "y"))).toEqual([
    { path: 'metadata.labels["a.b/c"]', from: "x", to: "y" },
    { path: "mounts[/c]", to: { mountPath: "/c" } },
    { path: "mounts[/b]", from: { mountPath: "/b" } },
    { path: "claims[data].size", from: "1Gi", to: "2Gi" },
  ]);
});

test("lists of plain values change as a whole; nothing and absence are the same only to themselves", () => {
  expect(fieldChanges({ args: ["a"] }, { args: ["a", "b"] })).toEqual([
    { path: "args", from: ["a"], to: ["a", "b"] },
  ]);
  expect(fieldChanges({ a: null, b: 1 }, { c: false })).toEqual([
    { path: "c", to: false },
    { path: "a", from: null },
    { path: "b", from: 1 },
  ]);
  expect(fieldChanges({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual([]);
});

test("there are changes exactly where the values differ", () => {
  const item = fc.record(
    { name: fc.constantFrom("a", "b", "c"), value: fc.nat(2) },
    { requiredKeys: ["name"] },
  );
  const value = fc.dictionary(
    fc.constantFrom("x", "y", "a.b"),
    fc.oneof(
      fc.nat(2),
      fc.uniqueArray(item, { selector: ({ name }) => name }),
      fc.array(fc.nat(2)),
      fc.array(fc.record({ n: fc.nat(1) })),
    ),
  );
  fc.assert(
    fc.property(value, value, (from, to) => {
      expect(fieldChanges(from, from)).toEqual([]);
      expect(fieldChanges(from, to).length > 0).toBe(canonicalJson(from) !== canonicalJson(to));
      // Each change is told the other way round, too.
      const paths = (changes: { path: string }[]) =>
        changes.map(({ path }) => path.replace(/\[\d+\]/g, "[]")).sort();
      expect(paths(fieldChanges(to, from))).toEqual(paths(fieldChanges(from, to)));
    }),
    { seed: 4, numRuns: 500 },
  );
});
