import { expect, test } from "vitest";
import { isNewer } from "./versions.ts";

test.each([
  ["r/w:1.10.0", "r/w:1.9.9", true],
  ["r/w:v2", "r/w:1.9", true],
  ["r/w:1.2.3", "r/w:1.2.3", false],
  ["r/w:1.2", "r/w:1.2.0", false],
  ["r/w:1.2.3", "r/w:1.2.3-rc.1", true],
  ["r/w:1.2.3-rc.10", "r/w:1.2.3-rc.9", true],
  ["r/w:1.2.3-rc.1", "r/w:1.2.3", false],
  ["r/w:2.0.0", "r/other:1.0.0", false],
  ["r:5000/w:2", "r:5000/w:1", true],
  ["r/w:abc", "r/w:1.0", false],
  [`r/w@sha256:${"a".repeat(64)}`, "r/w:1.0", false],
])("%s is newer than %s: %s", (image, other, newer) => {
  expect(isNewer(image, other)).toBe(newer);
});
