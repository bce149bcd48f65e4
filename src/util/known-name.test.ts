import { expect, test } from "vitest";
import { nameHint, requireName } from "./known-name.ts";

const many = Array.from({ length: 13 }, (_, i) => `cluster-${i}`);

test.each([
  ["kart", ["cart", "web"], "did you mean cart?"],
  ["storefront", ["cart", "web"], "there are cart, web"],
  ["x", [], "there is none yet"],
  ["x", many, `there are ${many.slice(0, 12).join(", ")}, …`],
])("what is said of %s among %j", (name, known, hint) => expect(nameHint(name, known)).toBe(hint));

test("a name that is known passes, another is refused", () => {
  expect(() => requireName("LF1006", "cluster", "eu", ["eu", "us"])).not.toThrow();
  expect(() => requireName("LF1006", "cluster", "ue", ["eu", "us"])).toThrow(
    "LF1006 there is no cluster named ue",
  );
});
