import { expect, test } from "vitest";
import type { KubernetesObject } from "../schema/object.ts";
import { awaited, nextStep } from "./steps.ts";

const named = (types: string[], more: { generation?: number; observed?: number } = {}) => ({
  apiVersion: "externaldns.k8s.io/v1alpha1",
  kind: "DNSEndpoint",
  metadata: { name: "shop.example.com", ...(more.generation && { generation: more.generation }) },
  spec: { endpoints: types.map((recordType) => ({ dnsName: "shop.example.com", recordType })) },
  status: { observedGeneration: more.observed },
});
const typesOf = (object: KubernetesObject) =>
  (object.spec as { endpoints: { recordType: string }[] }).endpoints.map(({ recordType }) => recordType);

test("a record that stays of its kind is written at once", () => {
  for (const [live, wanted] of [
    [undefined, ["A"]],
    [["A"], ["A", "AAAA"]],
    [["CNAME"], ["CNAME"]],
  ] as const)
    expect(typesOf(nextStep(live && named([...live]), named([...wanted]), undefined))).toEqual(wanted);
});

test("a record of another kind waits until the old one has left DNS", () => {
  const wanted = named(["CNAME"]);
  expect(typesOf(nextStep(named(["A"]), wanted, undefined))).toEqual([]);
  expect(typesOf(nextStep(named(["CNAME"]), named(["A"]), undefined))).toEqual([]);
  const empty = named([], { generation: 2, observed: 1 });
  expect(awaited(named(["A"]), wanted)).toBeUndefined();
  expect(awaited(empty, wanted)).toBe("shop.example.com");
  const read = named([], { generation: 2, observed: 2 });
  expect(typesOf(nextStep(empty, wanted, true))).toEqual([]);
  expect(typesOf(nextStep(read, wanted, false))).toEqual([]);
  expect(typesOf(nextStep(read, wanted, true))).toEqual(["CNAME"]);
  expect(typesOf(nextStep(read, wanted, undefined))).toEqual(["CNAME"]);
});
