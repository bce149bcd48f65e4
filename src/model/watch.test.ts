import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { loadDeclaration } from "./load.ts";
import { platform, typescriptRoot, yamlRoot } from "./testing/load-in.ts";
import { watchDeclaration } from "./watch.ts";

/** Watch a declaration; `changes` gives what was told since it was last asked, once something was. */
function watching(
  files: Record<string, string>,
  use: (at: {
    folder: string;
    write: (name: string, text?: string) => void;
    changes: () => Promise<string[]>;
    reload: () => Promise<void>;
    stop: () => void;
  }) => Promise<void>,
) {
  return inFolder(files, async (folder) => {
    const controller = new AbortController();
    const told: string[] = [];
    const declaration = await loadDeclaration(folder);
    const watch = watchDeclaration(
      declaration.file,
      (paths) => told.push(...paths.map((path) => path.slice(folder.length + 1))),
      controller.signal,
    );
    watch.follow(declaration);
    try {
      await use({
        folder,
        write: (name, text = "image: x:2\n") => writeFileSync(join(folder, name), text),
        changes: async () => {
          await expect.poll(() => told.length, { timeout: 5000 }).toBeGreaterThan(0);
          await new Promise((done) => setTimeout(done, 60));
          return [...new Set(told.splice(0))].sort();
        },
        reload: async () => watch.follow(await loadDeclaration(folder)),
        stop: () => controller.abort(),
      });
    } finally {
      controller.abort();
    }
  });
}

const estate = {
  "landfall.config.yaml": yamlRoot,
  "apps/a/cart.yaml": "image: x:1\n",
  "apps/web.yaml": "image: x:1\n",
};

test("files that are written, renamed into place, added and removed are told; others are not", async () => {
  await watching(estate, async ({ folder, write, changes }) => {
    write("apps/a/cart.yaml");
    expect(await changes()).toEqual(["apps/a/cart.yaml"]);
    write("apps/.web.tmp");
    renameSync(join(folder, "apps/.web.tmp"), join(folder, "apps/web.yaml"));
    expect(await changes()).toEqual(["apps/web.yaml"]);
    write("apps/README.md");
    mkdirSync(join(folder, "fleet"));
    write("fleet/written.yaml");
    write("landfall.lock");
    write("apps/new.yaml");
    expect(await changes()).toEqual(["apps/new.yaml"]);
    rmSync(join(folder, "apps/new.yaml"));
    expect(await changes()).toEqual(["apps/new.yaml"]);
    write("landfall.config.yaml", yamlRoot);
    expect(await changes()).toEqual(["landfall.config.yaml"]);
  });
});

test("folders that appear are looked into, those that go take their files along", async () => {
  await watching(estate, async ({ folder, write, changes, reload }) => {
    mkdirSync(join(folder, "apps/b/c"), { recursive: true });
    write("apps/b/c/deep.yaml");
    expect(await changes()).toEqual(["apps/b/c/deep.yaml"]);
    await reload();
    write("apps/b/c/deep.yaml", "image: x:3\n");
    expect(await changes()).toEqual(["apps/b/c/deep.yaml"]);
    renameSync(join(folder, "apps/a"), join(folder, "gone"));
    expect(await changes()).toEqual(["apps/a/cart.yaml"]);
    mkdirSync(join(folder, "values/clusters"), { recursive: true });
    write("values/clusters/eu.json", "{}");
    expect(await changes()).toEqual(["values/clusters/eu.json"]);
  });
});

test("modules that a declaration imports are watched where they lie", async () => {
  const files = {
    "landfall.config.ts": typescriptRoot.replace("./platform.ts", "./lib/platform.ts"),
    "lib/platform.ts": platform,
    "lib/other.ts": "",
    "apps/web.yaml": "image: x:1\n",
  };
  await watching(files, async ({ write, changes }) => {
    write("lib/other.ts", "// not imported\n");
    write("lib/platform.ts", `${platform}\n`);
    expect(await changes()).toEqual(["lib/platform.ts"]);
  });
}, 30_000);

test("many changes are told together, and none after the end", async () => {
  await watching(estate, async ({ write, changes, stop }) => {
    for (let i = 0; i < 200; i++) write(`apps/a/app-${i}.yaml`);
    expect(await changes()).toHaveLength(200);
    stop();
    write("apps/web.yaml");
    await new Promise((done) => setTimeout(done, 100));
    write("apps/web.yaml");
    await expect(
      Promise.race([changes(), new Promise((done) => setTimeout(done, 300, "nothing"))]),
    ).resolves.toBe("nothing");
  });
});
