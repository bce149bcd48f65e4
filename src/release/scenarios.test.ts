import { describe, expect, it } from "vitest";
import { runScenario, scenarios } from "./testing/scenarios.ts";

describe("what goes wrong in the field", () => {
  it.each(scenarios)("$name", (scenario) => {
    for (let seed = 1; seed <= 5; seed++)
      expect({ seed, wrong: runScenario(scenario, seed) }).toEqual({ seed, wrong: [] });
  });
});
