import fc from "fast-check";
import { trickyStrings, yamlValue } from "../../src/util/testing/yaml-values.ts";

/** Strings that Kubernetes takes in environment variables and config files, and YAML readers stumble on. */
const text = fc.oneof(
  fc.constantFrom(...trickyStrings.filter((s) => s.length < 100)),
  fc.string({ unit: "binary", maxLength: 12 }).filter((s) => s.isWellFormed() && !s.includes("\0")),
);
const fileName = fc.constantFrom("app.json", "a.b", "yes", "1", "_x", "no.yaml");

/** Of other apps by number, so that any choice of them can be made to fit. */
const peers = fc.array(fc.nat(2), { maxLength: 2 });

/** An app by itself; what refers to other apps is still a number. */
export const roughApp = fc.record({
  image: fc.constantFrom("registry.example/a:1", "registry.example/b/c:1.0e1", "docker.io/library/d:0x1f"),
  args: fc.array(text, { maxLength: 2 }),
  env: fc.dictionary(
    fc.constantFrom("A", "B", "Y", "NULL", "X_1", "_e"),
    fc.oneof(
      { weight: 4, arbitrary: text },
      fc.constant({ secret: "stripe" }),
      fc.constant({ secret: "yes", key: "null" }),
      fc.integer(),
      fc.boolean(),
    ),
    { maxKeys: 4 },
  ),
  config: fc.dictionary(
    fileName,
    fc.oneof(
      text,
      yamlValue.map((value) => ({ value: JSON.parse(JSON.stringify(value)) })),
    ),
    { maxKeys: 2 },
  ),
  ports: fc.constantFrom(
    { http: 8080 },
    { grpc: 1, metrics: 2 },
    { web: { port: 80, protocol: "http" }, x: 9 },
  ),
  scale: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(3)).map(([min, more]) => ({ min, max: min + more })),
  resources: fc.constantFrom({}, { cpu: "1", memory: "1Gi" }, { memory: "128Mi", memoryLimit: "256Mi" }),
  volumes: fc
    .dictionary(fc.constantFrom("no", "y", "cache"), fc.constant({ size: "10Mi", ephemeral: true }), {
      maxKeys: 2,
    })
    .map((volumes) =>
      Object.fromEntries(Object.entries(volumes).map(([name, v]) => [name, { ...v, path: `/mnt/${name}` }])),
    ),
  slo: fc.constantFrom({}, { availability: 99.5 }),
  namespace: fc.constantFrom("shop", "other", "n"),
  drainSeconds: fc.nat(10),
  reaches: fc.constantFrom([], [{ to: "internet" }], [{ to: "203.0.113.0/24", ports: [443, 8443] }]),
  adjust: fc.constantFrom(
    {},
    { omit: ["PodDisruptionBudget"] },
    { patch: [{ kind: "ServiceAccount", set: { metadata: { annotations: { "x/y": "yes" } } } }] },
  ),
  calls: peers,
  addresses: peers,
  after: peers,
  exposed: fc.array(fc.boolean(), { maxLength: 1 }),
  weighted: fc.option(fc.nat(2), { nil: undefined, freq: 4 }),
  lasting: fc.boolean(),
});

/** One value of it. */
export type Rough = typeof roughApp extends fc.Arbitrary<infer T> ? T : never;
