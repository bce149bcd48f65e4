import fc from "fast-check";
import { yamlValue } from "../../src/util/testing/yaml-values.ts";
import { type Rough, roughApp } from "./apps.ts";

/** A declaration as its reader gives it: the tree, and the data files beside it. */
export interface Declared {
  tree: Record<string, unknown> & { apps: Record<string, Record<string, unknown>> };
  /** `values/all.json`, and one for an environment or a cluster. */
  data: { file: string; where: { labels?: Record<string, string>; cluster?: string }; apps: object }[];
}

const names = ["a", "b0", "cart", "n", "no", "null", "on", "x-1", "yes", "z9"];
const labels = fc.dictionary(
  fc.constantFrom("tier", "team", "on"),
  fc.constantFrom("web", "yes", "1", "1e3"),
  { maxKeys: 2 },
);

const cluster = fc.record({
  type: fc.constant("kubernetes"),
  environment: fc.constantFrom("dev", "prod"),
  labels: fc.dictionary(fc.constantFrom("region", "tier"), fc.constantFrom("eu", "us"), { maxKeys: 2 }),
});
const where = fc.constantFrom({}, { environment: "dev" }, { environment: "prod" }, { region: "eu" });
const patch = fc.record(
  {
    env: fc.dictionary(
      fc.constantFrom("A", "B", "C"),
      fc.option(fc.string({ maxLength: 5 }), { nil: null }),
      {
        maxKeys: 2,
      },
    ),
    args: fc.array(fc.string({ maxLength: 4 }), { maxLength: 2 }),
    resources: fc.record({ cpu: fc.constantFrom("10m", "1") }),
    image: fc.constantFrom("registry.example/x:2", "registry.example/y:1e3"),
  },
  { requiredKeys: [] },
);

/** A small company that is right: up to three apps that call each other in any way, on up to three clusters. */
export const declarations: fc.Arbitrary<Declared> = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
    clusters: fc.uniqueArray(fc.record({ name: fc.constantFrom("c1", "c2", "true"), spec: cluster }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ name }) => name,
    }),
    labels: fc.array(labels, { minLength: 3, maxLength: 3 }),
    apps: fc.array(roughApp, { minLength: 3, maxLength: 3 }),
    overrides: fc.array(fc.record({ app: fc.nat(2), where, set: patch }), { maxLength: 3 }),
    overlays: fc.array(fc.record({ where, apps: labels, set: patch }), { maxLength: 2 }),
    data: fc.array(
      fc.record({
        app: fc.nat(2),
        where: fc.constantFrom({}, { labels: { environment: "dev" } }, { cluster: "c1" }),
        set: patch,
      }),
      { maxLength: 2 },
    ),
    raw: fc.option(yamlValue, { freq: 3 }),
    moved: fc.boolean(),
  })
  .map(assemble);

type Parts = {
  names: string[];
  clusters: { name: string; spec: object }[];
  labels: Record<string, string>[];
  apps: Rough[];
  overrides: { app: number; where: object; set: object }[];
  overlays: { where: object; apps: object; set: object }[];
  data: { app: number; where: { labels?: Record<string, string>; cluster?: string }; set: object }[];
  raw: unknown;
  moved: boolean;
};

function assemble(parts: Parts): Declared {
  const apps = parts.names.map((name, i) => {
    const overrides = parts.overrides
      .filter(({ app }) => app % parts.names.length === i)
      .map(({ where: on, set }) => ({ where: on, set }));
    return [name, appOf(parts, i, overrides)] as const;
  });
  const data = parts.data.map(({ app, where: on, set }, i) => ({
    file: `values/${i}.json`,
    where: on,
    apps: { [parts.names[app % parts.names.length] as string]: set },
  }));
  const tree = {
    landfall: 2,
    company: "shop",
    environments: { dev: {}, prod: { labels: { region: "us" } } },
    clusters: Object.fromEntries(parts.clusters.map(({ name, spec }) => [name, { ...spec, context: name }])),
    parts: { flux: {}, edge: {}, disk: {}, meter: {}, store: {}, dns: {} },
    secrets: { stripe: { generate: 32 }, yes: { generate: 16 } },
    overlays: parts.overlays,
    ...(parts.moved && { moved: [{ from: "former", to: parts.names[0] }] }),
    apps: Object.fromEntries(apps),
  };
  // Through JSON, so that nothing is shared and `__proto__` is a key like any other.
  return JSON.parse(JSON.stringify({ tree, data }));
}

/** What only makes sense beside the other apps: whom it calls, waits for and sends traffic to, and its hosts. */
function appOf(parts: Parts, i: number, overrides: object[]): Record<string, unknown> {
  const { calls, addresses, after, exposed, weighted, lasting, ...own } = parts.apps[i] as Rough;
  const name = parts.names[i] as string;
  const others = (indices: number[]) => [...new Set(indices.flatMap((n) => parts.names[n] ?? []))];
  const before = others(after.filter((n) => n < i));
  const env = Object.fromEntries(others(addresses).map((other, n) => [`PEER_${n}`, { address: other }]));
  const shared = sharedWith(parts, i, weighted);
  const raw = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `${name}-raw` } };
  return {
    ...own,
    env: { ...own.env, ...env },
    labels: parts.labels[i],
    calls: others(calls),
    after: before,
    expose: exposed.flatMap((shared) =>
      shared ? [{ host: "shop.localhost", path: `/${name}` }] : [{ host: `${name}.localhost` }],
    ),
    ...(shared && { weights: { [shared]: 25 } }),
    ...(lasting && { volumes: { ...own.volumes, data: { path: "/data", size: "1Gi" } } }),
    scale: lasting ? { min: own.scale.min, max: own.scale.min } : own.scale,
    overrides,
    ...(i === 0 && parts.raw !== null && { raw: [{ ...raw, data: { value: JSON.stringify(parts.raw) } }] }),
  };
}

/** Who may answer a share of an app's traffic: another one of its namespace that has the same ports. */
function sharedWith(
  { names: all, apps }: Parts,
  i: number,
  weighted: number | undefined,
): string | undefined {
  if (weighted === undefined || weighted === i) return undefined;
  const [own, other] = [apps[i], apps[weighted]];
  const fits =
    (own?.exposed.length ?? 0) > 0 &&
    own?.namespace === other?.namespace &&
    JSON.stringify(own?.ports) === JSON.stringify(other?.ports);
  return fits ? all[weighted] : undefined;
}
