import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { objectsIn } from "../../changes/manifests.ts";
import { headOf } from "../../emit/git/fleet.ts";
import { readPaths } from "../../emit/git/read.ts";
import { LandfallError } from "../../util/errors.ts";
import { shiftTraffic } from "./shift.ts";
import { readFleet } from "./store.ts";
import { company, type Estate, inEstate, runEngine, who } from "./testing/fleet.ts";

const parts = "parts: { flux: {}, gateway-api: {}, traefik: {} }";
const exposed = company
  .replace("parts: { flux: {} }", parts)

  .replace(
    "    env: { LOG_LEVEL: info }\n",
    "    env: { LOG_LEVEL: info }\n    expose: [{ host: web.localhost }]\n    weights: { web-v2: 0 }\n",
  )
  .replace("  cart:\n", "  web-v2:\n    image: ghcr.io/acme/web:2.0.0\n    ports: { http: 8080 }\n  cart:\n");

/** What each cluster reads as weights of web's route. */
async function weights({ fleet }: Estate): Promise<Record<string, number[]>> {
  const head = (await headOf(fleet.repo)) ?? "";
  const lists = ["s1", "p1", "p2"].map((cluster) => [cluster, `clusters/${cluster}/artifacts.json`] as const);
  const texts = await readPaths(
    fleet.repo,
    head,
    lists.map(([, path]) => path),
  );
  const found = lists.map(async ([cluster, path]) => {
    const { artifacts } = JSON.parse(texts.get(path) ?? "") as {
      artifacts: { name: string; path: string }[];
    };
    const file = artifacts.find(({ name }) => name === "app-web")?.path ?? "";
    const route = objectsIn((await readPaths(fleet.repo, head, [file])).get(file) ?? "").find(
      ({ kind }) => kind === "HTTPRoute",
    );
    const spec = route?.spec as { rules: { backendRefs: { weight: number }[] }[] } | undefined;
    return [cluster, spec?.rules[0]?.backendRefs.map(({ weight }) => weight) ?? []] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

test("a share moves wave by wave, is what the declaration says, and goes back when it fails", async () => {
  await inEstate(async (estate) => {
    const { dir, fleet, tree, build } = estate;
    const shift = { app: "web", share: "25%", to: "v2", who };
    const { release } = await shiftTraffic(dir, shift);
    expect(release).toMatchObject({ title: "web 25% to web-v2", moves: [{ bundle: "app-web" }] });
    expect(JSON.parse(readFileSync(join(dir, "values/all.json"), "utf8"))).toEqual({
      apps: { web: { weights: { "web-v2": 25 } } },
    });
    await runEngine(fleet, { until: (done) => done.length === 2 });
    expect(await weights(estate)).toEqual({ s1: [75, 25], p1: [100, 0], p2: [100, 0] });
    await runEngine(fleet);
    expect(await weights(estate)).toEqual({ s1: [75, 25], p1: [75, 25], p2: [75, 25] });
    const after = await tree();
    await build();
    expect(await tree()).toEqual(after);
    await shiftTraffic(dir, { ...shift, share: "100" });
    await runEngine(fleet, { fails: ["s1"] });
    expect(await weights(estate)).toEqual({ s1: [75, 25], p1: [75, 25], p2: [75, 25] });
    expect((await readFleet(fleet)).releases.map(({ phase }) => phase)).toEqual(["succeeded", "rolledBack"]);
  }, exposed);
});

test.each([
  [{ share: "101%" }, "LF9001", "0% to 100%"],
  [{ share: "some" }, "LF9001", "for example 25%"],
  [{ app: "wep" }, "LF1005", "did you mean web?"],
  [{ to: "v3" }, "LF1005", "there are web, web-v2"],
  [{ to: "web" }, "LF1019", "name the other app"],
  [{ to: "bad" }, "LF1019", "landfall release start web --version bad"],
  [{ app: "cart", to: "pay" }, "LF1019", "expose"],
  [{ to: "cart" }, "LF1019", "weights: { cart: 0 }"],
])("%o is refused with its fix", async (wrong, code, fix) => {
  await inEstate(async ({ dir }) => {
    const options = { app: "web", share: "25%", to: "v2", who, ...wrong };
    const error = await shiftTraffic(dir, options).catch((thrown: unknown) => thrown);
    if (!(error instanceof LandfallError)) throw error;
    expect(error.problems[0]).toMatchObject({ code, fix: expect.stringContaining(fix) });
  }, exposed);
});

test("nobody moves traffic that Flagger moves", async () => {
  const released = exposed
    .replace("    weights: { web-v2: 0 }\n", "    release: { canary: { metrics: { latencyP99: false } } }\n")
    .replace("traefik: {} }", "traefik: {}, prometheus: {}, flagger: {} }");
  await inEstate(async ({ dir }) => {
    const error = await shiftTraffic(dir, { app: "web", share: "25%", to: "v2", who }).catch(
      (e: unknown) => e,
    );
    if (!(error instanceof LandfallError)) throw error;
    expect(error.problems[0]).toMatchObject({
      code: "LF1019",
      what: "the traffic of web is moved by Flagger",
    });
  }, released);
});
