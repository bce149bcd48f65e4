import { expect, test } from "vitest";
import { promqlFault } from "./promql.ts";

test.each([
  "up",
  'sum(rate(http_requests_total{code=~"5.."}[5m])) or vector(0)',
  "histogram_quantile(0.99, sum by (le) (rate(x_bucket[1m]))) > 0.5",
  "max_over_time(rate(x[1m])[10m:1m])",
  "1",
])("reads %s", (query) => {
  expect(promqlFault(query)).toBeUndefined();
});

test.each([
  ["", /empty/],
  ["sum(rate(x[5m])", /at its end/],
  ["foo bar", /from `bar` on/],
  ["up >", /at its end/],
  ['up{job="a}', /cannot be read/],
  ["x[5m]", /number is needed/],
  ["rate(x[1m])[10m:1m]", /number is needed/],
  ['"text"', /number is needed/],
])("finds the fault of %s", (query, fault) => {
  expect(promqlFault(query)).toMatch(fault);
});
