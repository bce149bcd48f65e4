import { expect, test } from "vitest";
import { quantityOf } from "./quantity.ts";

test.each([
  ["250m", 0.25],
  ["2", 2],
  [3, 3],
  ["64Mi", 67_108_864],
  ["1.5Gi", 1_610_612_736],
  ["5G", 5e9],
  ["1e3", 1000],
  ["lots", 0],
  [undefined, 0],
])("%s is %d", (quantity, number) => expect(quantityOf(quantity)).toBe(number));
