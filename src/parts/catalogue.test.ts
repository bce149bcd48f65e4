/** What must hold of every part: the contract that lets one be added by adding its folder. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { checkBundle } from "../compile/check.ts";
import { type PodTemplate, podTemplateOf } from "../compile/policies/policy.ts";
import { labelsOf, partLabel } from "../kit/labels.ts";
import type { AnyPart, Part, Waiver } from "../kit/part.ts";
import { contextOf, type PartSetting, renderPart } from "../kit/testing/render-part.ts";
import { samples } from "../kit/testing/samples.ts";
import type { Need, Token } from "../kit/token.ts";
import * as tokens from "../kit/tokens.ts";
import type { KubernetesObject } from "../schema/object.ts";
import type { Problem } from "../util/errors.ts";
import { registry } from "./index.ts";

const here = import.meta.dirname;
const folders = readdirSync(here, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const parts = Object.values(registry);
const tokenOf = (need: Need) => (need.kind === "optional" ? need.token : need);

/** The settings that parts tell apart: with and without what is optional, local or not, Git host or not. */
function settingsOf(part: AnyPart): [string, PartSetting][] {
  const optional = Object.values(part.needs ?? {}).flatMap((need) =>
    need.kind === "optional" ? [need.token] : [],
  );
  return [
    ["on a local cluster", {}],
    [
      "on a cluster with a Git host",
      { cluster: "kubernetes", gitUrl: "https://git.example.com/acme/fleet.git" },
    ],
    ["with nothing that is optional", { without: optional, apps: [] }],
    ["with every option as in its example", { options: exampleOptions(part.options) }],
  ];
}

function exampleOptions(options: z.ZodObject): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options.shape).map(([key, schema]) => [key, exampleOf(schema as z.ZodType)]),
  );
}

function exampleOf(schema: z.ZodType): unknown {
  return (schema.meta()?.examples as unknown[] | undefined)?.[0];
}

const render = (definition: AnyPart, setting: PartSetting): KubernetesObject[] =>
  renderPart({ definition } as Part, setting as never);

/** A part's objects as the only bundle of a cluster, for the compiler's own checks. */
/** What is wrong with objects that make a cluster of their own. */
function problemsOf(objects: KubernetesObject[], waivers: Waiver[]): Problem[] {
  const bundle = {
    name: "part",
    kind: "part",
    owner: "part",
    place: { file: "landfall.config.ts" },
  } as const;
  const checks = { kubernetes: "1.36", domain: "acme.localhost", onWaived: () => undefined } as const;
  return checkBundle({ ...bundle, waivers }, objects, { around: () => objects, ...checks });
}

it("has a registry that equals the folders", () => {
  expect(Object.keys(registry).sort()).toEqual(folders.sort());
  for (const [id, part] of Object.entries(registry)) expect(part.id).toBe(id);
});

it("has one provider for each token, and a sample for its tests", () => {
  const all = Object.values(tokens).filter((token) => token.kind === "token") as Token<unknown>[];
  expect([...samples.keys()].sort()).toEqual(all.map(({ id }) => id).sort());
  const provided = parts.flatMap(({ provides = [] }) => provides.map(({ token }) => token.id));
  expect(provided.sort()).toEqual(all.map(({ id }) => id).sort());
});

it("collects only what is contributed, and contributes only what somebody collects", () => {
  const contributed = new Set(
    parts.flatMap(({ contributes = [] }) => contributes.map(({ collection }) => collection.id)),
  );
  const collected = new Set<string>();
  for (const part of parts) {
    const collect = ({ id }: { id: string }) => {
      collected.add(id);
      return [];
    };
    part.render({ ...contextOf({ definition: part } as Part), collected: collect } as never);
  }
  expect([...contributed]).toEqual([...collected]);
});

describe.each(parts.map((part) => [part.id, part] as const))("%s", (id, part) => {
  const folder = join(here, id);

  it("has a README that tells something of its own, and a test", () => {
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    expect(readme.split("\n")[0]).toBe(`# ${part.title}`);
    expect(readme.split(/\s+/).length).toBeGreaterThan(80);
    for (const heading of [
      "## What it provides and needs",
      "## Namespace and security",
      "## Image",
      "## Look at it",
      "## Not proven here",
    ])
      expect(readme, `no "${heading}"`).toContain(`\n${heading}\n`);
    expect(existsSync(join(folder, "part.test.ts"))).toBe(true);
  });

  it("documents every option, with an example that it takes", () => {
    for (const [key, value] of Object.entries(part.options.shape)) {
      const schema = value as z.ZodType;
      const description = schema.meta()?.description;
      const example = exampleOf(schema);
      expect(description, `${key} has no description`).toMatch(/^[A-Z].{10,}\.$/);
      expect(example, `${key} has no example`).toBeDefined();
      expect(schema.safeParse(example).success, `${key}'s example is not valid`).toBe(true);
      expect(schema.safeParse(undefined).success, `${key} has neither a default nor is it optional`).toBe(
        true,
      );
    }
    expect(part.options.strict().safeParse({ noSuchOption: 1 }).success).toBe(false);
  });

  it("needs only what some part provides", () => {
    const provided = parts.flatMap(({ provides = [] }) => provides.map(({ token }) => token.id));
    for (const need of Object.values(part.needs ?? {})) expect(provided).toContain(tokenOf(need).id);
  });

  it("names the image of every container, by a version, and with a recipe where it can be made", () => {
    const named = Object.values(part.images ?? {}).map(({ ref }) => ref);
    for (const ref of named) expect(ref).toMatch(/^[a-z0-9.]+\.[a-z]+\/.+:v?\d+\.\d+\.\d+$/);
    const used = imagesOf(render(part, {}));
    expect(named).toEqual(expect.arrayContaining(used));
    // The recipe's own version may differ from the reference's; then it must say which one it is.
    for (const { recipe } of Object.values(part.images ?? {}))
      if (recipe && recipe.kind !== "source") expect(recipe.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("imports the kit, the model, schemas and helpers, never another part", () => {
    const sources = readdirSync(folder).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
    const imports = sources.flatMap((file) =>
      [...readFileSync(join(folder, file), "utf8").matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map(
        (m) => m[1] ?? "",
      ),
    );
    const allowed =
      /^(zod|yaml|\.\/[-a-z]+(\.ts|\.generated\.json)|\.\.\/\.\.\/(kit|model|util|schema)\/[-a-z]+\.ts)$/;
    for (const path of imports) expect(path).toMatch(allowed);
  });

  it("gives reasons for what it cannot keep, and has a namespace of its own then", () => {
    const reasons = [...(part.waivers ?? []), ...(part.podSecurity ? [part.podSecurity] : [])];
    for (const { reason } of reasons) expect(reason.length).toBeGreaterThan(20);
    if (!part.podSecurity) return;
    const namespaceOf = ({ namespace, id: other }: AnyPart) => namespace ?? other;
    const sharers = parts.filter((other) => namespaceOf(other) === namespaceOf(part));
    expect(sharers.map((sharer) => sharer.id)).toEqual([id]);
  });

  it("needs each of its waivers, each for its own rule", () => {
    for (const waiver of part.waivers ?? []) {
      const others = (part.waivers ?? []).filter((other) => other !== waiver);
      const found = settingsOf(part).flatMap(([, setting]) => problemsOf(render(part, setting), others));
      expect(found.length, `nothing breaks ${waiver.rule}`).toBeGreaterThan(0);
      for (const { why } of found) expect(why).toContain(`(policy ${waiver.rule})`);
    }
  });

  describe.each(settingsOf(part))("%s", (_setting, setting) => {
    it("renders the same twice, to the byte, and changes nothing it was given", () => {
      expect(JSON.stringify(render(part, setting))).toBe(JSON.stringify(render(part, setting)));
    });

    it("renders objects that pass their schemas and the policy set", () => {
      expect(problemsOf(render(part, setting), part.waivers ?? [])).toEqual([]);
    });

    it("labels every object as its own", () => {
      for (const { kind, metadata } of render(part, setting)) {
        if (kind === "CustomResourceDefinition" || metadata.name.startsWith("safe-upgrades")) continue;
        const owned = labelsOf({ label: partLabel, name: id }, metadata.labels?.["app.kubernetes.io/name"]);
        expect(metadata.labels, `${kind} ${metadata.name}`).toMatchObject(owned);
      }
    });

    it("selects pods by one label, and by one that the pods have", () => {
      for (const object of render(part, setting)) {
        const template = podTemplateOf(object);
        if (!template) continue;
        const { matchLabels } = (object.spec as { selector: { matchLabels: Record<string, string> } })
          .selector;
        expect(Object.keys(matchLabels)).toEqual(["app.kubernetes.io/name"]);
        expect(template.metadata?.labels).toMatchObject(matchLabels);
        expect(template.metadata?.labels?.[partLabel]).toBe(id);
      }
    });

    it("keeps to its namespace, but for what an API demands elsewhere", () => {
      const namespaces = render(part, setting)
        .filter(({ kind }) => kind !== "RoleBinding")
        .flatMap(({ metadata }) => metadata.namespace ?? []);
      for (const namespace of namespaces) expect(namespace).toBe(part.namespace ?? id);
    });
  });
});

function imagesOf(objects: KubernetesObject[]): string[] {
  const templates = objects.flatMap((object) => podTemplateOf(object) ?? []);
  return templates.flatMap(({ spec }: PodTemplate) =>
    [...spec.containers, ...(spec.initContainers ?? [])].map(({ image }) => image),
  );
}
