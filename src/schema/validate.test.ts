import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "./object.ts";
import { crdBundle, kindOf, knownKinds } from "./pack.ts";
import { deployment, goodObjects } from "./samples.fixture.ts";
import { validateObject } from "./validate.ts";

const kubernetes = "1.36" as const;
const check = (object: unknown) => validateObject(object as KubernetesObject, { kubernetes });
const bundles = ["external-dns", "flagger", "flux", "flux-source-watcher", "gateway-api"] as const;

/** A good object with the value at a path replaced; `undefined` removes it. */
function spoiled(kind: string, path: (string | number)[], value: unknown): KubernetesObject {
  const object = goodObjects().find((o) => o.kind === kind) ?? deployment();
  let at: Record<string | number, unknown> = object;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return object;
}

test.each(goodObjects().map((object) => [object.kind, object]))("a good %s passes", (_kind, object) => {
  expect(check(object)).toEqual([]);
});

const container = ["spec", "template", "spec", "containers", 0];
const at = "spec.template.spec.containers[0]";

test.each<[string, string, (string | number)[], unknown, string, string, string]>([
  [
    "unknown field",
    "Deployment",
    [...container, "ports", 0, "containerPrt"],
    1,
    `${at}.ports[0].containerPrt`,
    "unknown-field",
    "unknown field; did you mean `containerPort`?",
  ],
  [
    "wrong type",
    "Deployment",
    ["spec", "replicas"],
    "3",
    "spec.replicas",
    "type",
    'must be an integer, is the string "3"',
  ],
  [
    "missing required",
    "Deployment",
    [...container, "name"],
    undefined,
    `${at}.name`,
    "required",
    "required field is missing",
  ],
  [
    "bad enum",
    "Deployment",
    [...container, "imagePullPolicy"],
    "Alway",
    `${at}.imagePullPolicy`,
    "enum",
    "must be one of Always, IfNotPresent, Never; did you mean Always?",
  ],
  [
    "bad enum in a list",
    "NetworkPolicy",
    ["spec", "policyTypes", 0],
    "Inbound",
    "spec.policyTypes[0]",
    "enum",
    'must be one of Egress, Ingress; is the string "Inbound"',
  ],
  [
    "bad quantity",
    "Deployment",
    [...container, "resources", "requests", "cpu"],
    "1 core",
    `${at}.resources.requests.cpu`,
    "pattern",
    'must be a quantity like 500m or 128Mi, is the string "1 core"',
  ],
  [
    "bad int-or-string",
    "Deployment",
    [...container, "livenessProbe", "httpGet", "port"],
    true,
    `${at}.livenessProbe.httpGet.port`,
    "type",
    "must be an integer or a string, is the boolean true",
  ],
  [
    "beyond int32",
    "Deployment",
    ["spec", "replicas"],
    2 ** 31,
    "spec.replicas",
    "format",
    "must be a valid int32, is the number 2147483648",
  ],
  [
    "two items of one key",
    "Deployment",
    [...container, "ports", 1],
    { name: "b", containerPort: 8080 },
    `${at}.ports[1]`,
    "duplicate",
    "an earlier item has the same key (containerPort=8080, protocol=TCP)",
  ],
  [
    "unknown field of a CRD",
    "HTTPRoute",
    ["spec", "rules", 0, "backendRefs", 0, "prt"],
    80,
    "spec.rules[0].backendRefs[0].prt",
    "unknown-field",
    "unknown field; did you mean `port`?",
  ],
  [
    "bad pattern in a CRD",
    "Kustomization",
    ["spec", "interval"],
    "10 minutes",
    "spec.interval",
    "pattern",
    'must match ^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$, is the string "10 minutes"',
  ],
  [
    "null in a CRD",
    "Kustomization",
    ["spec", "prune"],
    null,
    "spec.prune",
    "type",
    "must be a boolean, is null",
  ],
  [
    "alternatives of a CRD",
    "Canary",
    ["spec", "analysis", "stepWeight"],
    undefined,
    "spec.analysis",
    "oneOf",
    "must match exactly one alternative: interval and threshold and iterations; " +
      "or interval and threshold and stepWeight; or interval and threshold and stepWeights",
  ],
  [
    "wrong label",
    "Deployment",
    ["spec", "template", "metadata", "labels", "x.io/a"],
    "a b",
    'spec.template.metadata.labels["x.io/a"]',
    "label",
    "a label's value must be at most 63 letters, digits, -, _ and ., " +
      'beginning and ending with a letter or digit; is "a b"',
  ],
])("%s", (_name, kind, path, value, where, keyword, message) => {
  expect(check(spoiled(kind, path, value))).toEqual([{ path: where, keyword, message }]);
});

test("all that is wrong is told at once", () => {
  const object = spoiled("Deployment", ["spec", "replicas"], "3");
  object.spec = { ...(object.spec as object), paused: "no", selector: undefined };
  const paths = check(JSON.parse(JSON.stringify(object))).map((issue) => issue.path);
  expect(paths.sort()).toEqual(["spec.paused", "spec.replicas", "spec.selector"]);
});

test("null is absent in Kubernetes' own kinds", () => {
  expect(check(spoiled("Deployment", ["spec", "strategy"], null))).toEqual([]);
});

test("a check of one object leaves no errors for the next", () => {
  expect(check(spoiled("Service", ["spec", "ports", 0, "port"], "80"))).toHaveLength(1);
  expect(check(goodObjects()[1])).toEqual([]);
});

test("an unknown kind is one issue that names where the kind is served", () => {
  const [issue, ...more] = check({ ...deployment(), apiVersion: "extensions/v1beta1" });
  expect(more).toEqual([]);
  expect(issue?.keyword).toBe("unknown-kind");
  expect(issue?.message).toContain("did you mean apps/v1/Deployment?");
});

describe("CRDs of the caller", () => {
  const schema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        required: ["mode", "size"],
        properties: {
          mode: { type: "string", default: "fast" },
          size: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
          note: { type: "string", nullable: true },
          free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          closed: { type: "object" },
          ratio: { type: "integer", minimum: 0, exclusiveMinimum: true },
          template: { type: "object", "x-kubernetes-embedded-resource": true, properties: {} },
        },
      },
    },
  };
  const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } };
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      names: { kind: "Thing", plural: "things" },
      scope: "Cluster",
      versions: [version],
    },
  };
  const thing = (spec: object) =>
    validateObject(
      { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "a" }, spec },
      { kubernetes, extraCrds: [crd] },
    ).map((issue) => `${issue.keyword} ${issue.path}`);

  test.each<[object, string[]]>([
    [{ size: 1, note: null, free: { any: [1] }, template: { kind: "X", metadata: { name: "x" } } }, []],
    [{ size: "10%" }, []],
    [{ size: 1.5 }, ["type spec.size"]],
    [{}, ["required spec.size"]],
    [{ size: 1, closed: { a: 1 } }, ["unknown-field spec.closed.a"]],
    [{ size: 1, ratio: 0 }, ["exclusiveMinimum spec.ratio"]],
    [{ size: 1, template: { metadata: { nme: "x" } } }, ["unknown-field spec.template.metadata.nme"]],
  ])("%j", (spec, issues) => {
    expect(thing(spec)).toEqual(issues);
  });
});

test.each(bundles)("the bundle %s passes as objects, and every kind it serves is known", (bundle) => {
  for (const crd of crdBundle(bundle)) {
    expect(check(crd)).toEqual([]);
    const { group, names, versions } = crd.spec as {
      group: string;
      names: { kind: string; plural: string };
      versions: { name: string; served: boolean }[];
    };
    for (const { name } of versions.filter(({ served }) => served)) {
      expect(kindOf(`${group}/${name}`, names.kind)?.plural).toBe(names.plural);
    }
  }
});

test.each(knownKinds())("the schema of %s compiles and refuses an unknown field", (id) => {
  const slash = id.lastIndexOf("/");
  const object = {
    apiVersion: id.slice(0, slash),
    kind: id.slice(slash + 1),
    metadata: { name: "a" },
    zz9: 1,
  };
  expect(check(object)).toContainEqual(expect.objectContaining({ path: "zz9", keyword: "unknown-field" }));
});
