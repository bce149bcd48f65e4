import fc from "fast-check";
import { expect, test } from "vitest";
import { declarations } from "./declarations.ts";
import { planOf } from "./plan-of.ts";
import { properties } from "./properties.ts";
import { shuffled } from "./shuffled.ts";

test.each(properties)(
  "$title",
  async ({ cases, check, every = 1 }) => {
    await fc.assert(
      fc.asyncProperty(cases, async (value) => check(value)),
      { numRuns: every === 1 ? 150 : 25, seed: 42 },
    );
  },
  60_000,
);

test("the cases hold what the properties are about", async () => {
  const samples = fc.sample(declarations, { numRuns: 60, seed: 42 });
  const plans = await Promise.all(samples.map(planOf));
  const objects = plans.flatMap(({ clusters }) =>
    clusters.flatMap(({ bundles }) => bundles.flatMap((b) => b.objects)),
  );
  const kinds = new Set(objects.map(({ kind }) => kind));
  const wanted = ["Deployment", "StatefulSet", "ConfigMap", "Service", "HTTPRoute", "NetworkPolicy"];
  expect([...kinds]).toEqual(expect.arrayContaining([...wanted, "HorizontalPodAutoscaler"]));
  expect(new Set(plans.map(({ clusters }) => clusters.length)).size).toBeGreaterThan(2);
  const orders = samples.map((sample) => JSON.stringify(shuffled(sample, 1)) !== JSON.stringify(sample));
  expect(orders.filter(Boolean).length).toBeGreaterThan(50);
});
