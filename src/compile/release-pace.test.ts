import { expect, test } from "vitest";
import { problemsIn, yaml } from "./testing/declare.ts";

/** What is said of an app with this release, where everything is scraped so often. */
function told(release: string, scrape = "15s", exposed = "expose: [{ host: a.localhost }], ") {
  const parts = `{ flux: {}, gateway-api: {}, traefik: {}, prometheus: { interval: ${scrape} }, flagger: {}, local-path: {} }`;
  const app = `  web: { image: "web:1", ports: { http: 8080, metrics: 9464 }, ${exposed}release: ${release} }\n`;
  return problemsIn({ "landfall.config.yaml": yaml(app, `parts: ${parts}`) });
}

test("a canary that is rolled back before there can be two scrapes is refused", async () => {
  expect(await told("{ canary: { interval: 10s, threshold: 2 } }")).toMatchObject([
    {
      code: "LF1016",
      severity: "error",
      what: "web is rolled back after 2 failed checks 10s apart, and local scrapes every 15s",
      why: expect.stringContaining("any version would be rolled back"),
      fix: "make `interval` times `threshold` 30s or more, or scrape more often",
      where: { path: "apps.web.release.canary.interval" },
    },
  ]);
  expect(await told("{ canary: { interval: 10s, threshold: 3 } }")).toEqual([]);
  expect(await told("{ canary: { interval: 10s, threshold: 1 } }", "5s")).toEqual([]);
  expect(await told("{ canary: { interval: 30s, threshold: 1 } }")).toEqual([]);
});

test("a window that never holds two scrapes is refused", async () => {
  expect(await told("{ canary: {} }", "45s")).toMatchObject([
    {
      code: "LF1016",
      what: "web is judged by the last 1m, and local scrapes every 45s",
      fix: "make `window` 90s or more, or scrape more often",
    },
  ]);
  expect(await told("{ canary: { window: 2m } }", "45s")).toEqual([]);
});

test("what no rate decides may be as fast as it likes", async () => {
  const custom = "custom: [{ name: age, query: max(age_seconds), max: 3 }]";
  const noRates = `metrics: { errorRate: false, latencyP99: false, ${custom} }`;
  expect(await told(`{ canary: { interval: 10s, threshold: 1, ${noRates} } }`)).toEqual([]);
  expect(await told("{ canary: { interval: 10s, threshold: 1, skipAnalysis: true } }")).toEqual([]);
  expect(await told("{ blueGreen: { interval: 10s, threshold: 1 } }", "15s", "")).toEqual([]);
});
