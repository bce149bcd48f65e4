import { expect, it } from "vitest";
import { contentName } from "./content-name.ts";

it("names by content, not by the order of keys", () => {
  const one = contentName("web-config", { a: "1", b: "2" });
  expect(one).toMatch(/^web-config-[0-9a-f]{8}$/);
  expect(contentName("web-config", { b: "2", a: "1" })).toBe(one);
  expect(contentName("web-config", { a: "1", b: "3" })).not.toBe(one);
  expect(contentName("other", { a: "1", b: "2" }).slice(-8)).toBe(one.slice(-8));
});
