import { expect, test } from "vitest";
import { checkMetadata } from "./metadata.ts";

function paths(kind: string, metadata: Record<string, unknown>, apiVersion = "v1", requireNamespace = false) {
  const object = { apiVersion, kind, metadata: { name: "a", ...metadata } };
  const namespaced = kind !== "Namespace" && kind !== "ClusterRole";
  return checkMetadata(object, { namespaced, requireNamespace }).map(({ path }) => path);
}

const long = (length: number) => "a".repeat(length);

test.each<[string, string, string, boolean]>([
  ["v1", "ConfigMap", "a.b-c.1", true],
  ["v1", "ConfigMap", long(253), true],
  ["v1", "ConfigMap", long(254), false],
  ["v1", "ConfigMap", "A", false],
  ["v1", "ConfigMap", "a..b", false],
  ["v1", "ConfigMap", "a-", false],
  ["v1", "Namespace", long(63), true],
  ["v1", "Namespace", long(64), false],
  ["v1", "Namespace", "a.b", false],
  ["v1", "Service", "1a", false],
  ["v1", "Service", "a1", true],
  ["batch/v1", "CronJob", long(53), false],
  ["rbac.authorization.k8s.io/v1", "ClusterRole", "system:A", true],
  ["rbac.authorization.k8s.io/v1", "ClusterRole", "a/b", false],
])("%s %s named %s: %s", (apiVersion, kind, name, good) => {
  expect(paths(kind, { name }, apiVersion)).toEqual(good ? [] : ["metadata.name"]);
});

test.each<[Record<string, string>, string[]]>([
  [{ "app.kubernetes.io/name": "web", a: "", B_c: "1.2-x" }, []],
  [{ "a/b/c": "x" }, ['metadata.labels["a/b/c"]']],
  [{ "/a": "x" }, ['metadata.labels["/a"]']],
  [{ "-a": "x" }, ['metadata.labels["-a"]']],
  [{ [long(64)]: "x" }, [`metadata.labels.${long(64)}`]],
  [{ a: long(64) }, ["metadata.labels.a"]],
  [{ a: "-x" }, ["metadata.labels.a"]],
])("labels %j", (labels, expected) => {
  expect(paths("Pod", { labels })).toEqual(expected);
});

test("annotations take any text, up to 256 KiB together", () => {
  expect(paths("Pod", { annotations: { a: "any text\n", b: long(200_000) } })).toEqual([]);
  expect(paths("Pod", { annotations: { a: long(262_144) } })).toEqual(["metadata.annotations"]);
});

test("namespaces go with namespaced kinds only", () => {
  expect(paths("Pod", {}, "v1", true)).toEqual(["metadata.namespace"]);
  expect(paths("Pod", { namespace: "a" }, "v1", true)).toEqual([]);
  expect(paths("Pod", { namespace: "A" })).toEqual(["metadata.namespace"]);
  expect(paths("Namespace", { namespace: "a" })).toEqual(["metadata.namespace"]);
});
