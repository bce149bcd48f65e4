import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { loadDeclaration } from "./load.ts";
import { yamlRoot } from "./testing/load-in.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** Go on to when what was written now counts as settled. */
const later = () => vi.setSystemTime(Date.now() + 60_000);

/** An estate of so many apps with an empty cache; gives the path of the cache's file once there is one. */
function withEstate(count: number, use: (folder: string, cache: () => string | undefined) => Promise<void>) {
  const apps = Array.from({ length: count }, (_, i) => [
    `shop/apps/g${i % 7}/a${i}.yaml`,
    `image: a${i}:1\n`,
  ]);
  return inFolder({ "shop/landfall.config.yaml": yamlRoot, ...Object.fromEntries(apps) }, async (folder) => {
    vi.stubEnv("LANDFALL_HOME", join(folder, "home"));
    const estates = join(folder, "home/cache/estates");
    await use(join(folder, "shop"), () => {
      try {
        return readdirSync(estates).map((name) => join(estates, name))[0];
      } catch {
        return undefined;
      }
    });
  });
}

async function images(folder: string): Promise<Record<string, string>> {
  const { tree } = await loadDeclaration(folder);
  const apps = Object.entries(tree.apps as Record<string, { image: string }>);
  return Object.fromEntries(apps.map(([name, { image }]) => [name, image]));
}

/** Put something into the cache that the files do not say, so that its use shows. */
function mark(cache: string | undefined, from: string, to: string): void {
  const text = readFileSync(cache ?? "", "utf8");
  expect(text).toContain(from);
  writeFileSync(cache ?? "", text.replaceAll(from, to));
}

test("unchanged files come from the cache, changed, new and removed ones do not", async () => {
  await withEstate(40, async (folder, cache) => {
    later();
    const first = await images(folder);
    mark(cache(), "a3:1", "cached:1");
    expect(await images(folder)).toEqual({ ...first, a3: "cached:1" });

    writeFileSync(join(folder, "apps/g4/a4.yaml"), "image: changed:1\n");
    writeFileSync(join(folder, "apps/g0/new.yaml"), "image: new:1\n");
    rmSync(join(folder, "apps/g5/a5.yaml"));
    const { a5: _gone, ...rest } = first;
    expect(await images(folder)).toEqual({ ...rest, a3: "cached:1", a4: "changed:1", new: "new:1" });
  });
});

test("a change that keeps size and time of a file is seen", async () => {
  await withEstate(40, async (folder) => {
    later();
    await images(folder);
    const path = join(folder, "apps/g3/a3.yaml");
    const { mtime, atime } = statSync(path);
    writeFileSync(path, "image: b3:1\n");
    utimesSync(path, atime, mtime);
    expect((await images(folder)).a3).toBe("b3:1");

    writeFileSync(join(folder, "other.yaml"), "image: c3:1\n");
    utimesSync(join(folder, "other.yaml"), atime, mtime);
    renameSync(join(folder, "other.yaml"), path);
    expect((await images(folder)).a3).toBe("c3:1");
  });
});

test("a file that was just changed is not kept, since a second change could look the same", async () => {
  await withEstate(40, async (folder, cache) => {
    await images(folder);
    expect(cache()).toBeUndefined();
    later();
    await images(folder);
    expect(cache()).toBeDefined();
  });
});

test.each([
  ["half of it", (text: string) => text.slice(0, text.length / 2)],
  ["nothing", () => ""],
  ["another form", () => "[1, 2]"],
  ["another version", (text: string) => text.replace('"format":', '"format":9')],
  ["a column too short", (text: string) => text.replace(/"digests":\["[^"]*",/, '"digests":[')],
])("a cache that holds %s is ignored and made anew", async (_name, damage) => {
  await withEstate(40, async (folder, cache) => {
    later();
    const first = await images(folder);
    mark(cache(), "a3:1", "cached:1");
    const path = cache() ?? "";
    writeFileSync(path, damage(readFileSync(path, "utf8")));
    expect(await images(folder)).toEqual(first);
    mark(cache(), "a3:1", "cached:1");
    expect((await images(folder)).a3).toBe("cached:1");
  });
});

test("a home that cannot be written, and an estate too small to gain, go without", async () => {
  await withEstate(40, async (folder) => {
    later();
    writeFileSync(join(folder, "../home"), "a file");
    expect(Object.keys(await images(folder))).toHaveLength(40);
  });
  await withEstate(3, async (folder, cache) => {
    later();
    await images(folder);
    expect(cache()).toBeUndefined();
  });
});

test("numbers that JSON has not are not kept", async () => {
  await withEstate(40, async (folder, cache) => {
    mkdirSync(join(folder, "apps/odd"));
    writeFileSync(join(folder, "apps/odd/odd.yaml"), "image: x:1\nconfig: { a.json: { far: .inf } }\n");
    later();
    await loadDeclaration(folder);
    expect(readFileSync(cache() ?? "", "utf8")).not.toContain("far");
    const { tree } = await loadDeclaration(folder);
    expect(tree.apps).toMatchObject({ odd: { config: { "a.json": { far: Number.POSITIVE_INFINITY } } } });
  });
});

test("every source is told with its digest, from the file and from the cache alike", async () => {
  await withEstate(40, async (folder) => {
    later();
    const first = (await loadDeclaration(folder)).sources;
    expect(first).toHaveLength(41);
    expect(first[1]).toMatchObject({
      path: join(folder, "apps/g0/a0.yaml"),
      size: 12,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await loadDeclaration(folder)).sources).toEqual(first);
  });
});
