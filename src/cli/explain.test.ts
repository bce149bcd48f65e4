import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();

test("explain prints the value, its place and each layer; --json gives the same as data", async () => {
  const { base, landfall } = start();
  mkdirSync(join(base, "apps"));
  const root = `landfall: 2
company: shop
include: [apps]
environments: { prod: {} }
clusters:
  eu-1: { type: kubernetes, context: eu-1, environment: prod }
  us-1: { type: kubernetes, context: us-1 }
overlays:
  - where: { environment: prod }
    set: { scale: { max: 6 } }
`;
  writeFileSync(join(base, "landfall.config.yaml"), root);
  writeFileSync(join(base, "apps/cart.yaml"), "image: cart:1\n");
  const one = await landfall(["explain", "app.cart.scale.max", "--cluster", "eu-1"]);
  expect(one).toMatchObject({ code: 0, stderr: "next: landfall check\n" });
  expect(one.stdout).toBe(`app.cart.scale.max on eu-1: 6
  from landfall.config.yaml:10:21
  1      default
  1 → 6  landfall.config.yaml:10:21  overlays.0  environment=prod
`);
  const all = await landfall(["explain", "app.cart.scale.max", "--json"]);
  expect(documentOf(all)).toMatchObject({
    ok: true,
    path: "app.cart.scale.max",
    values: [
      { value: 6, clusters: ["eu-1"], where: { file: "landfall.config.yaml", line: 10, column: 21 } },
      { value: 1, clusters: ["us-1"], steps: [{ by: "default", value: 1 }] },
    ],
  });
  const tree = await landfall(["explain", "app.cart.scale", "-c", "eu-1"]);
  expect(tree.stdout).toContain("  max  6   landfall.config.yaml:10:21\n");
  const wrong = await landfall(["explain", "app.cart.scale.mx"]);
  expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(wrong.stderr).toContain("did you mean `app.cart.scale.max`?");
});
