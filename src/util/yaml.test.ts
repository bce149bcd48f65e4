import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { trickyValues, yamlValue } from "./testing/yaml-values.ts";
import { toYaml } from "./yaml.ts";

/** Equal as JSON: the order of keys counts, `__proto__` is a key, and -0 is 0. */
function expectRead(value: unknown, version: "1.1" | "1.2"): void {
  const read: unknown = parse(toYaml(value), { version, merge: version === "1.1" });
  expect(JSON.stringify(read)).toBe(JSON.stringify(value));
}

describe.each(["1.1", "1.2"] as const)("a YAML %s reader gets what was written", (version) => {
  test("of strings that look like something else", () => {
    for (const value of trickyValues) expectRead(value, version);
  });

  test("of any value", () => {
    const property = fc.property(yamlValue, (value) => expectRead(value, version));
    fc.assert(property, { numRuns: 500, seed: 11 });
  });
});

test("what people read stays as they would write it", () => {
  const object = {
    image: "docker.io/library/redis:7.0.15",
    memory: "128Mi",
    args: ["--log-level=info", "--storage.path=/data", "*"],
    on: { yes: "no", port: 8080, ratio: 0.5, empty: [], none: {}, left: undefined },
    "app.json": '{\n  "theme": "dark"\n}\n',
    script: "set -e\n\nrun",
    greeting: "你好: yes",
    nested: [[{ a: 1, b: null }], [true]],
  };
  expect(toYaml(object)).toBe(`image: docker.io/library/redis:7.0.15
memory: 128Mi
args:
  - "--log-level=info"
  - "--storage.path=/data"
  - "*"
"on":
  "yes": "no"
  port: 8080
  ratio: 0.5
  empty: []
  none: {}
app.json: |
  {
    "theme": "dark"
  }
script: |-
  set -e

  run
greeting: "你好: yes"
nested:
  - - a: 1
      b: null
  - - true
`);
});

test("what stands twice is written twice: Kubernetes' objects have no anchors", () => {
  const shared = { a: [1] };
  expect(toYaml([shared, shared])).toBe("- a:\n    - 1\n- a:\n    - 1\n");
});
