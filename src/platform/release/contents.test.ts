import { expect, test } from "vitest";
import { fleetTree } from "../../changes/fleet-tree.ts";
import { objectsIn } from "../../changes/manifests.ts";
import { fileOf } from "../../emit/flux/index.ts";
import { readPaths } from "../../emit/git/read.ts";
import { blobId } from "../../util/hash.ts";
import { treeOf } from "../plan-trees.ts";
import { contentAt, imagesIn, readContents, withoutAnalysis } from "./contents.ts";
import { movesBetween, settledName } from "./moves.ts";
import { startRelease } from "./start.ts";
import { readFleet } from "./store.ts";
import { company, inEstate, runEngine, who } from "./testing/fleet.ts";

const judged = company
  .replace(
    "parts: { flux: {} }",
    "parts: { flux: {}, gateway-api: {}, traefik: {}, prometheus: {}, flagger: {} }",
  )
  .replace(
    "    env: { LOG_LEVEL: info }\n",
    "    env: { LOG_LEVEL: info }\n    expose: [{ host: web.localhost }]\n    release: { canary: {} }\n    metrics: { port: http }\n",
  );

test("the way back of an app with a canary is its last content without another analysis", async () => {
  await inEstate(async ({ dir, fleet, tree }) => {
    const before = await tree();
    const { release } = await startRelease(dir, { apps: ["web"], version: "next", who });
    const [move] = release.moves;
    if (!move) throw new Error("nothing moves");
    expect(move.back.path).toBe(`releases/${release.id}/back/apps/web.yaml`);
    expect(move.back.revision).not.toBe(move.from.revision);
    expect(move.back.workloads).toEqual(move.from.workloads);
    expect(move.to.workloads).toMatchObject([{ name: "web", canary: true, template: expect.any(String) }]);
    const head = (await readFleet(fleet)).head ?? "";
    const texts = await readPaths(fleet.repo, head, [move.from.path, move.back.path]);
    const [from, back] = [move.from, move.back].map(({ path }) => objectsIn(texts.get(path) ?? ""));
    const differing = from?.filter((object, i) => JSON.stringify(object) !== JSON.stringify(back?.[i]));
    expect(differing?.map(({ kind }) => kind)).toEqual(["Canary"]);
    const canary = back?.find(({ kind }) => kind === "Canary");
    expect(canary?.spec).toMatchObject({ skipAnalysis: true });
    await runEngine(fleet, { fails: ["s1"] });
    expect(await tree()).toEqual(before);
  }, judged);
});

test("contents of files and of folders are told by what artifacts are made of", async () => {
  const pod = (image: string) => `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: data }
spec: { template: { metadata: { annotations: { landfall.dev/template: abc } }, spec: { initContainers: [{ image: "init:1" }], containers: [{ image: "${image}" }] } } }
`;
  const files = new Map([
    ["clusters/a/artifacts.json", fileOf('{ "artifacts": [] }')],
    ["parts/db/base/set.yaml", fileOf(pod("db:1"))],
    ["parts/db/base/note.txt", fileOf("text")],
    ["apps/db.yaml", fileOf(pod("db:2"))],
  ]);
  const read = await readContents(await fleetTree(treeOf(files)), ["parts/db/base", "apps/db.yaml"]);
  expect([...(read.get("parts/db/base") ?? new Map()).keys()].sort()).toEqual(["note.txt", "set.yaml"]);
  const app = read.get("apps/db.yaml") ?? new Map();
  expect([...app.keys()]).toEqual(["objects.yaml"]);
  expect(await contentAt("x", app)).toEqual({
    path: "x",
    revision: expect.stringMatching(/^latest@sha256:[0-9a-f]{64}$/),
    workloads: [{ kind: "StatefulSet", namespace: "data", name: "db", template: "abc" }],
  });
  expect(imagesIn(app)).toEqual(new Set(["init:1", "db:2"]));
  expect(withoutAnalysis(app)).toBeUndefined();
});

test("one name that stood for two contents is kept twice", async () => {
  const list = (path: string) => fileOf(`{ "artifacts": [{ "name": "app-x", "path": "${path}" }] }`);
  const tree = await fleetTree(
    treeOf(
      new Map([
        ["clusters/a/artifacts.json", list("apps/x.yaml")],
        ["clusters/b/artifacts.json", list("releases/r/to/apps/x.yaml")],
        ["apps/x.yaml", fileOf("a: 1\n")],
        ["releases/r/to/apps/x.yaml", fileOf("a: 2\n")],
        ["new/x.yaml", fileOf("a: 3\n")],
      ]),
    ),
  );
  const pairs = ["apps/x.yaml", "releases/r/to/apps/x.yaml"].map((path, i) => ({
    ...{ cluster: i === 0 ? "a" : "b", bundle: "app-x" },
    from: { path, settled: settledName(path) },
    to: { path: "new/x.yaml", settled: "apps/x.yaml" },
  }));
  const { moves, write } = await movesBetween("n", pairs, tree, tree);
  expect(moves.map(({ clusters, from, to }) => [clusters, from.path, to.path])).toEqual([
    [["a"], "releases/n/from/apps/x.yaml", "releases/n/to/apps/x.yaml"],
    [["b"], "releases/n/from2/apps/x.yaml", "releases/n/to/apps/x.yaml"],
  ]);
  expect([...write].map(([path, text]) => [path, blobId(text)])).toEqual([
    ["releases/n/from/apps/x.yaml", blobId("a: 1\n")],
    ["releases/n/to/apps/x.yaml", blobId("a: 3\n")],
    ["releases/n/from2/apps/x.yaml", blobId("a: 2\n")],
  ]);
});
