import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { commitTree } from "../../emit/git/commit.ts";
import { openFleet } from "../../emit/git/fleet.ts";
import { git } from "../../emit/git/run.ts";
import { wantedArtifacts } from "./artifact-list.ts";
import { artifactServer } from "./artifact-server.ts";
import { fleetObject } from "./objects.ts";
import { watchBranch } from "./ref-watch.ts";
import { pruneArtifact, storeArtifact, storedArtifact } from "./store.ts";
import { makeTarball } from "./tarball.ts";

const author = { name: "landfall", email: "landfall@localhost" };
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "landfall-delivery-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const files = (content: Record<string, string>) =>
  new Map(Object.entries(content).map(([path, text]) => [path, Buffer.from(text)]));
const long = `${"deep/".repeat(30)}file.yaml`;

it("packs equal files into equal bytes, whatever order they come in", async () => {
  const one = await makeTarball(files({ "b.yaml": "b", "a/x.yaml": "x", [long]: "l" }));
  const two = await makeTarball(files({ [long]: "l", "a/x.yaml": "x", "b.yaml": "b" }));
  expect(two).toEqual(one);
  expect(one.digest).toBe(createHash("sha256").update(one.data).digest("hex"));
  expect(one.content).toBe(createHash("sha256").update(gunzipSync(one.data)).digest("hex"));
  // A known content digest: a change of the format would make Flux apply every app of every cluster anew.
  expect((await makeTarball(files({ "a.yaml": "a\n" }))).content).toBe(
    "155bb08160065ebba623b87832a014527bda529fbca323003040e8082d41acb4",
  );
});

it("keeps the last three tarballs of an artifact, and the present one even when it is old", async () => {
  const store = join(dir, "store");
  const stored = [];
  for (const n of [1, 2, 3, 4, 5]) {
    const artifact = await storeArtifact(store, "app", `${n}`, files({ a: `${n}` }));
    utimesSync(join(store, artifact.path), n, n);
    stored.push(artifact);
  }
  const [oldest] = stored;
  if (!oldest) throw new Error("nothing stored");
  pruneArtifact(store, "app", oldest);
  const kept = [1, 2, 3, 4, 5].filter((n) => storedArtifact(store, "app", `${n}`));
  expect(kept).toEqual([1, 4, 5]);
  expect(readdirSync(join(store, "app"))).toHaveLength(6);
});

it("does not trust a tarball that was cut short", async () => {
  const artifact = await storeArtifact(dir, "app", "t", files({ a: "1" }));
  expect(storedArtifact(dir, "app", "t")).toEqual(artifact);
  writeFileSync(join(dir, artifact.path), "half");
  expect(storedArtifact(dir, "app", "t")).toBeUndefined();
});

it("serves tarballs and nothing else", async () => {
  const store = join(dir, "store");
  const artifact = await storeArtifact(store, "app", "t", files({ a: "1" }));
  writeFileSync(join(dir, "secret"), "secret");
  symlinkSync(join(dir, "secret"), join(store, "app", "link"));
  mkdirSync(join(store, "other"));
  const server = await artifactServer({ store, address: "127.0.0.1", port: 0 });
  // A raw request: fetch would tidy the path up before it is sent.
  const ask = (path: string, method = "GET", headers: Record<string, string> = {}) =>
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>((done, fail) => {
      const { hostname, port } = new URL(server.url);
      request({ hostname, port, path, method, headers }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      })
        .on("error", fail)
        .end();
    });
  try {
    const path = `/${artifact.path}`;
    const got = await ask(path);
    expect(createHash("sha256").update(got.body).digest("hex")).toBe(artifact.digest);
    expect(got.headers).toMatchObject({ "content-length": `${artifact.size}`, etag: `"${artifact.digest}"` });
    const head = await ask(path, "HEAD");
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(head.headers["content-length"]).toBe(`${artifact.size}`);
    expect((await ask(path, "GET", { "If-None-Match": `"${artifact.digest}"` })).status).toBe(304);
    expect((await ask(path, "PUT")).status).toBe(405);
    const no = [
      "/",
      "/app",
      "/app/",
      "/app/t.json",
      "/app/link",
      "/../secret",
      "/app/../../secret",
      "/%2e%2e/secret",
    ];
    for (const wrong of [...no, `/app/%2e%2e/${artifact.path}`, `/other/${"0".repeat(64)}.tar.gz`]) {
      expect([wrong, (await ask(wrong)).status]).toEqual([wrong, 404]);
    }
    const port = Number(new URL(server.url).port);
    await expect(artifactServer({ store, address: "127.0.0.1", port })).rejects.toThrow(/LF4001/);
  } finally {
    await server.close();
  }
});

it("reads what a commit wants, and says what is wrong with a damaged one", async () => {
  const { repo } = await openFleet(join(dir, "fleet.git"));
  const list = (artifacts: unknown) => JSON.stringify({ artifacts });
  const commit = async (listText: string) => {
    const tree = new Map([
      ["clusters/local/artifacts.json", listText],
      ["apps/cart/base/a.yaml", "a"],
      ["apps/cart/base/sub/b.yaml", "b"],
      ["clusters/local/root/k.yaml", "k"],
    ]);
    return (await commitTree({ repo, files: tree, message: "x", author })).commit;
  };
  const wants = async (listText: string) => wantedArtifacts(repo, await commit(listText), "local");
  const good = await wants(list([{ name: "app-cart", path: "apps/cart/base" }]));
  expect(good.map((a) => [a.name, [...a.files.keys()]])).toEqual([["app-cart", ["a.yaml", "sub/b.yaml"]]]);
  const file = await wants(
    list([{ name: "cluster", path: "clusters/local/root", with: ["apps/cart/base/a.yaml"] }]),
  );
  expect([...(file[0]?.files.keys() ?? [])]).toEqual(["k.yaml", "apps/cart/base/a.yaml"]);
  const single = await wants(list([{ name: "x", path: "apps/cart/base/a.yaml" }]));
  expect([...(single[0]?.files.keys() ?? [])]).toEqual(["objects.yaml"]);
  const damaged: [string, RegExp][] = [
    ["{", /not JSON/],
    [list([{ name: "App", path: "apps" }]), /artifacts\[0\]\.name/],
    [list([{ name: "x", path: "apps/none" }]), /no file or folder apps\/none/],
    [list([{ name: "x", path: "../apps" }]), /no file or folder/],
    [list([{ name: "x", path: "apps", with: ["apps/none.yaml"] }]), /no file apps\/none/],
    [list(["a", "b"].map((path) => ({ name: "x", path }))), /twice/],
  ];
  for (const [text, why] of damaged) {
    await expect(wants(text)).rejects.toMatchObject({
      problems: [{ code: "LF3002", why: expect.stringMatching(why) }],
    });
  }
  await expect(wantedArtifacts(repo, await commit("{}"), "eu")).rejects.toMatchObject({
    problems: [{ why: "it has no clusters/eu/artifacts.json" }],
  });
});

it("sees a branch move by update, by packing and by its first push", async () => {
  const { repo } = await openFleet(join(dir, "fleet.git"));
  let moves = 0;
  const stop = watchBranch(repo, "main", () => moves++);
  try {
    for (const n of [1, 2]) {
      const before = moves;
      await commitTree({ repo, files: new Map([["a", `${n}`]]), message: "x", author });
      await expect.poll(() => moves).toBeGreaterThan(before);
    }
    const before = moves;
    await git(repo, ["pack-refs", "--all"]);
    await expect.poll(() => moves).toBeGreaterThan(before);
  } finally {
    stop();
  }
});

it("says where artifacts come from without naming a branch, which each fleet has its own of", () => {
  const { data } = fleetObject("local", "flux-system") as { data?: Record<string, string> };
  expect(data).toEqual({ cluster: "local", publishedBy: "landfall, from the fleet repo" });
});
