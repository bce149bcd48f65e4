import { expect, test } from "vitest";
import { z } from "zod";
import { networkPolicy, workload } from "../kit/index.ts";
import { type AnyPart, definePart, provide } from "../kit/part.ts";
import { optional, token } from "../kit/token.ts";
import { problemsIn, typescript, yaml } from "./testing/declare.ts";
import { smallRegistry } from "./testing/registry.ts";

const egg = token<string>("egg", "an egg");
const hen = token<string>("hen", "a hen");
const corn = token<string>("corn", "corn");
const page = { category: "network", docs: "https://example.com", options: z.object({}) } as const;

/** A part as data, its type parameters forgotten. */
function part(definition: object): AnyPart {
  return definePart({ title: "part", ...page, render: () => [], ...definition } as never).definition;
}

const apps = "  web: { image: nginx:1.27 }";
const run = (registry: Record<string, AnyPart>) => {
  const ids = Object.keys(registry).map((id) => `\n  ${id}: {}`);
  const text = yaml(apps, `parts:\n  flux: {}${ids.join("")}`);
  return problemsIn({ "landfall.config.yaml": text }, { ...registry, flux: smallRegistry.flux as AnyPart });
};

test("a cycle of values is named, with the part that begins it", async () => {
  const layer = part({
    id: "layer",
    needs: { hen },
    provides: [provide(egg, (cx: { needs: { hen: string } }) => cx.needs.hen)] as never,
    render: (cx: { needs: { hen: string } }) => [cx.needs.hen].slice(1),
  });
  const brooder = part({
    id: "brooder",
    needs: { egg },
    provides: [provide(hen, (cx: { needs: { egg: string } }) => cx.needs.egg)] as never,
  });
  const problems = await run({ layer, brooder });
  expect(problems).toMatchObject([
    {
      code: "LF2002",
      what: "parts need each other: brooder → layer → brooder",
      where: { line: 8 },
    },
  ]);
});

test("parts may need each other as long as no value needs itself", async () => {
  const layer = part({
    id: "layer",
    needs: { hen },
    provides: [
      provide(egg, (cx: { needs: { hen: string } }) => cx.needs.hen),
      provide(corn, () => "corn"),
    ] as never,
    render: (cx: { needs: { hen: string } }) => [cx.needs.hen].slice(1),
  });
  const brooder = part({
    id: "brooder",
    needs: { egg, corn },
    provides: [provide(hen, (cx: { needs: { corn: string } }) => cx.needs.corn)] as never,
    render: (cx: { needs: { egg: string } }) => [cx.needs.egg].slice(1),
  });
  expect(await run({ layer, brooder })).toEqual([]);
});

test("two providers of one token, and a need nobody meets, are named at the part", async () => {
  const one = part({ id: "one", provides: [provide(egg, () => "1")] as never });
  const two = part({ id: "two", provides: [provide(egg, () => "2")] as never, needs: { hen } });
  const loose = part({ id: "loose", needs: { corn: optional(corn) } });
  expect(await run({ one, two, loose })).toMatchObject([
    { code: "LF2003", what: "one and two both provide an egg", where: { line: 8 } },
    { code: "LF2001", what: "two needs a hen, which no part provides", where: { line: 8 } },
  ]);
});

test("nothing that applies the fleet is a problem in both forms", async () => {
  const message = { code: "LF2001", what: /local needs a controller that applies the fleet repo/ };
  for (const files of [
    { "landfall.config.yaml": yaml(apps, "parts: {}") },
    {
      "landfall.config.ts": typescript('const web = app("web", { image: "x:1" });', "apps: [web], parts: []"),
    },
  ]) {
    const problems = await problemsIn(files as Record<string, string>);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.code).toBe(message.code);
    expect(problems[0]?.what).toMatch(message.what);
  }
});

const owner = { label: "landfall.dev/part", name: "agent" } as const;
const daemon = (extra: object) =>
  workload({
    kind: "DaemonSet",
    name: "agent",
    namespace: "agent",
    owner,
    pod: {
      serviceAccount: "agent",
      containers: [{ name: "agent", image: "agent:1", resources: { cpu: "1m", memory: "1Mi" }, probes: {} }],
      extra,
    },
  });
const isolation = networkPolicy({ name: "agent", namespace: "agent", owner, ingress: [], egress: [] });

test("a waiver lets through the rule it names and no other", async () => {
  const agent = (waivers: object[], objects: object[]) =>
    run({ agent: part({ id: "agent", waivers, render: () => objects }) });
  const host = { hostNetwork: true };
  const why = { rule: "host-namespaces", reason: "it watches the node's network" };
  expect(await agent([why], [daemon(host), isolation])).toEqual([]);
  expect(await agent([], [daemon(host), isolation])).toMatchObject([
    { code: "LF2005", what: "DaemonSet agent/agent: it shares a namespace of the node", where: { line: 7 } },
  ]);
  expect(await agent([why], [daemon(host)])).toMatchObject([
    { code: "LF2005", what: "DaemonSet agent/agent: no network policy selects its pods" },
  ]);
  expect(await agent([{ rule: "isolation", reason: "test" }], [daemon({})])).toEqual([]);
});

test("broken objects are problems, never a crash", async () => {
  const object = (rest: object) => ({ metadata: { name: "x", namespace: "x" }, ...rest });
  const objects = [
    object({ apiVersion: "apps/v1", kind: "Deployment", spec: { template: {} } }),
    object({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", spec: {} }),
    object({ apiVersion: "v1", kind: "Pod" }),
  ];
  const problems = await run({ bad: part({ id: "bad", render: () => objects }) });
  expect(problems.length).toBeGreaterThan(0);
  expect(new Set(problems.map(({ code }) => code))).toContain("LF2004");
});
