import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { handleTag } from "../model/handles.ts";
import { showsPages } from "./page.ts";
import { type ClusterFacts, contribute, definePart, provide } from "./part.ts";
import { collection, optional, token } from "./token.ts";

const lamp = token<{ watts: number }>("lamp", "a lamp");
const bulbs = collection<string>("bulbs", "bulbs");

const sample = definePart({
  id: "sample",
  title: "Sample",
  category: "metrics",
  docs: "https://example.com",
  options: z.object({ size: z.string().default("1Gi") }),
  needs: { lamp, spare: optional(lamp) },
  provides: [provide(lamp, () => ({ watts: 5 }))],
  contributes: [contribute(bulbs, (cx) => [cx.cluster.name])],
  render: ({ needs, options }) => {
    expectTypeOf(needs.lamp).toEqualTypeOf<{ watts: number }>();
    expectTypeOf(needs.spare).toEqualTypeOf<{ watts: number } | undefined>();
    expectTypeOf(options.size).toEqualTypeOf<string>();
    return [];
  },
});

describe("definePart", () => {
  it("gives what a declaration lists, with the place it was listed at", () => {
    const use = sample({ size: "2Gi" });
    expect(use[handleTag]).toBe("part");
    expect([use.name, use.spec]).toEqual(["sample", { size: "2Gi" }]);
    expect(use.site?.file).toBe(import.meta.filename);
    expect(sample().spec).toEqual({});
  });

  it("carries its definition for the registry", () => {
    expect(sample.definition.id).toBe("sample");
    expect(sample.definition.provides?.map(({ token: { id } }) => id)).toEqual(["lamp"]);
    expect(sample.definition.contributes?.map(({ collection: { id } }) => id)).toEqual(["bulbs"]);
  });

  it("types options by its schema", () => {
    expectTypeOf(sample).parameter(0).toEqualTypeOf<{ size?: string | undefined } | undefined>();
  });
});

it("shows pages on local clusters, elsewhere when told", () => {
  const on = (type: ClusterFacts["type"]) => ({ type }) as ClusterFacts;
  expect([showsPages(undefined, on("local")), showsPages(undefined, on("kubernetes"))]).toEqual([
    true,
    false,
  ]);
  expect([showsPages(false, on("local")), showsPages(true, on("kubernetes"))]).toEqual([false, true]);
});
