import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { viewOf } from "../platform/release/view.ts";
import type { Observed, Release } from "../release/index.ts";
import { readIfThere } from "../util/files.ts";
import { cut } from "./live-screen.ts";
import { historyList, historyText } from "./release-history-text.ts";
import { type Painter, painter, releaseLines } from "./release-text.ts";
import { exampleFailure, exampleNow, exampleRelease, exampleSeen } from "./testing/release-example.ts";

const plain: Painter = (_style, text) => text;
const extras = {
  metrics: {
    "eu-2": [
      { name: "error-rate", value: "0.2", limit: "≤ 1", within: true },
      { name: "latency-p99", value: "618", limit: "≤ 500", within: false },
    ],
  },
  silence: (name: string) => (name === "eu-4" ? "connection refused" : undefined),
};
const lines = (release: Release, seen: Observed | undefined) =>
  releaseLines(viewOf(release, [release], seen, exampleNow, extras), exampleNow, plain);
const waits = (change: Partial<Release>, seen: Observed = exampleSeen, others: Release[] = []) => {
  const release = { ...exampleRelease, ...change };
  return viewOf(release, [release, ...others], seen, exampleNow).waits;
};

function expectGolden(name: string, text: string): void {
  const file = new URL(`golden/${name}.txt`, import.meta.url);
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
  expect(text).toBe(readIfThere(file.pathname));
}

test("a release that moves, as a person sees it (UPDATE_GOLDEN=1 rewrites it)", () => {
  expectGolden("release-moving", `${lines(exampleRelease, exampleSeen).join("\n")}\n`);
});

test("why a release failed, and the list of all", () => {
  const commits = Object.fromEntries(exampleFailure.log.map(({ step }) => [step, `${step}`.repeat(40)]));
  const late = [
    { name: "eu-4", is: "notYet" as const, text: "not at the last good version yet: Flux is not ready" },
  ];
  expectGolden("release-history", historyText({ release: exampleFailure, commits, late }, plain));
  const list = historyList([exampleFailure, { ...exampleRelease, id: "later" }], exampleNow, plain);
  expect(list.split("\n")[0]).toMatch(/^ {2}later +storefront 2\.1\.0 +running +4 min ago +ada@example\.com/);
});

test("what it waits for, with what a person can do", () => {
  const queued = { phase: "queued" as const, wave: 0, startedAt: "2030-11-21T17:03:00.000Z", id: "second" };
  const failed = { ...exampleFailure, acknowledged: undefined };
  expect(waits(queued, exampleSeen, [failed])).toEqual([
    "somebody to see why storefront 2.1.0 failed: landfall release acknowledge storefront-2-1-0",
  ]);
  expect(waits(queued, exampleSeen, [exampleRelease])).toEqual([
    "storefront 2.1.0 (storefront-2-1-0), which moves the same",
  ]);
  expect(waits(queued)).toEqual(["an engine to start it: landfall release run"]);
  const freeze = { from: "2030-11-21T00:00:00.000Z", until: "2030-11-21T18:04:00.000Z", reason: "holidays" };
  expect(waits({ policy: { ...exampleRelease.policy, freezes: [freeze] } })).toContain(
    "the end of the freeze in 1 h: holidays",
  );
  const log = [...exampleRelease.log, { step: 6, at: freeze.from, action: "pause", by: "ada@example.com" }];
  expect(waits({ phase: "paused", pausedFor: "person", log })).toEqual([
    "ada@example.com, who paused it: landfall release resume storefront-2-1-0",
  ]);
  expect(waits({ phase: "returning", returns: ["c1", "eu-1"] })).toEqual([
    "2 clusters to be back at the last good version",
  ]);
  const clusters = Object.fromEntries(
    ["eu-1", "eu-2", "eu-3", "eu-4"].map((name) => [name, { state: "updated" as const, since: freeze.from }]),
  );
  expect(waits({ provenAt: "2030-11-21T17:00:00.000Z", clusters })).toEqual([
    "gate query to say yes",
    "gate soak",
    "approval lead: landfall release approve storefront-2-1-0",
  ]);
  expect(waits({})).toEqual(["1 cluster to reach the new version"]);
  expect(waits({}, { ...exampleSeen, clusters: {} })[0]).toBe("an engine that reaches eu-2, eu-3");
  const unseen = Object.fromEntries(
    ["eu-1", "eu-2", "eu-3", "eu-4"].map((name) => [name, { state: "waiting" as const, since: freeze.from }]),
  );
  const many = {
    ...exampleRelease.waves[1],
    clusters: ["eu-1", "eu-2", "eu-3", "eu-4", "c1"],
  } as Release["waves"][number];
  const wide = {
    wave: 0,
    waves: [many],
    clusters: { ...unseen, c1: { state: "waiting" as const, since: freeze.from } },
  };
  expect(waits(wide, { ...exampleSeen, clusters: {} })[0]).toBe(
    "an engine that reaches eu-1, eu-2, eu-3, eu-4 and 1 more",
  );
});

test("of a thousand clusters those are shown where something happens", () => {
  const clusters = Array.from({ length: 1000 }, (_, n) => `c${n}`);
  const [move] = exampleRelease.moves;
  const [wave] = exampleRelease.waves;
  if (!move || !wave) throw new Error("the example moves something");
  const release: Release = {
    ...exampleRelease,
    ...{ moves: [{ ...move, clusters }], waves: [{ ...wave, clusters }], wave: 0 },
    clusters: Object.fromEntries(
      clusters.map((name, n) => [
        name,
        { state: n === 700 ? "away" : n < 500 ? "updated" : "waiting", since: exampleRelease.startedAt },
      ]),
    ),
  };
  expect(lines(release, undefined)).toEqual([
    expect.stringContaining("wave 1 of 1"),
    expect.anything(),
    "  ▸ canaries  1000 clusters: 499 waiting, 500 updated, 1 away",
    "      ! c700  away since 4 min",
    "      and 999 more clusters",
  ]);
});

test("lines fit the terminal, colours and all", () => {
  const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
  expect(cut("short", 10)).toBe("short");
  expect(cut("0123456789", 10)).toBe("0123456789");
  expect(cut("0123456789a", 10)).toBe("012345678…\u001b[0m");
  expect(cut(`${red("0123")}456789abc`, 10)).toBe(`${red("0123")}45678…\u001b[0m`);
  expect(painter(process.stdout)("red", "x")).toMatch(/x/);
});
