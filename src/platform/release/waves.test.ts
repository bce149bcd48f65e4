import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadDeclaration } from "../../model/load.ts";
import { type Company, parseCompany } from "../../model/parse.ts";
import { releasePolicy, releaseWaves } from "./waves.ts";

const folder = fileURLToPath(new URL("../../../test/declarations/full/", import.meta.url));
const company = parseCompany(await loadDeclaration(`${folder}landfall.config.yaml`)).company as Company;

test("waves and gates as the release file has them, with names that are unique in a wave", () => {
  const limits = { concurrency: 10, maxUnavailable: 0, timeoutMs: 900_000 };
  expect(releaseWaves(company, new Set(["local", "eu", "us"]))).toEqual([
    { name: "home", clusters: ["local"], gates: [{ id: "soak", type: "soak", ms: 60_000 }], ...limits },
    {
      name: "europe",
      clusters: ["eu"],
      gates: [
        { id: "soak", type: "soak", ms: 600_000 },
        { id: "query", type: "promql", query: "sum(rate(errors[5m]))", max: 0.01, scope: "updated" },
        { id: "burn-rate", type: "burnRate", max: 2, window: "5m", scope: "wave" },
        {
          ...{ id: "hours", type: "hours", days: [1, 2], from: "09:00", until: "16:00" },
          zone: "Europe/Berlin",
        },
        { id: "approval", type: "approval", by: ["ada@example.com"], count: 1 },
        { id: "external", type: "http", url: "https://change.example.com/may-release" },
      ],
      ...limits,
      maxUnavailable: 1,
    },
    { name: "others", clusters: ["us"], gates: [], concurrency: 2, maxUnavailable: 0, timeoutMs: 300_000 },
  ]);
});

test("a wave without any of the release's clusters is passed over", () => {
  expect(releaseWaves(company, new Set(["us"])).map(({ name }) => name)).toEqual(["others"]);
});

test("freezes are those of the apps and clusters; days are whole, in UTC", () => {
  const policy = (apps: string[], clusters: string[]) => releasePolicy(company, apps, new Set(clusters));
  const freeze = { from: "2026-12-20T00:00:00.000Z", until: "2026-12-28T00:00:00.000Z", reason: "holidays" };
  expect(policy(["web"], ["eu", "us"])).toEqual({
    onFailure: "wave",
    approvers: ["ada@example.com", "bob@example.com"],
    awayAfterMs: 300_000,
    freezes: [{ ...freeze, clusters: ["eu"] }],
  });
  expect(policy(["web"], ["eu"]).freezes).toEqual([freeze]);
  expect(policy(["web"], ["us"]).freezes).toEqual([]);
  expect(policy(["api"], ["eu"]).freezes).toEqual([]);
});
