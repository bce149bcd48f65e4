import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { loadDeclaration, type Reading, readDeclaration } from "./load.ts";
import { parseCompany } from "./parse.ts";
import { yamlRoot } from "./testing/load-in.ts";

const files = {
  "landfall.config.yaml": yamlRoot,
  "apps/cart.yaml": "image: cart:1\n",
  "apps/web.yaml": "image: web:1\n",
  "values/all.json": '{ "apps": { "web": { "args": ["a"] } } }',
};

/** Read the declaration of `files`, change some, and read it again; the result must be that of a reading from nothing. */
function reread(
  use: (at: {
    again: (changes: Record<string, string | undefined>) => Promise<Reading["declaration"]>;
    first: Reading["declaration"];
  }) => Promise<void>,
) {
  return inFolder(files, async (folder) => {
    let current = await readDeclaration(folder);
    await use({
      first: current.declaration,
      again: async (changes) => {
        for (const [name, text] of Object.entries(changes)) {
          if (text === undefined) rmSync(join(folder, name));
          else writeFileSync(join(folder, name), text);
        }
        current = await current.again(Object.keys(changes).map((name) => join(folder, name)));
        const anew = await loadDeclaration(folder);
        expect(current.declaration.tree).toEqual(anew.tree);
        expect(current.declaration.data).toEqual(anew.data);
        expect(current.declaration.sources).toEqual(anew.sources);
        const place = (declaration: typeof anew) => declaration.place(["apps", "web", "image"]);
        expect(place(current.declaration)).toEqual(place(anew));
        return current.declaration;
      },
    });
  });
}

const appsOf = ({ tree }: Reading["declaration"]) => tree.apps as Record<string, unknown>;

test("after a change only the changed file is read; apps of others stay the same objects", async () => {
  await reread(async ({ first, again }) => {
    const second = await again({ "apps/web.yaml": "# moved\nimage: web:2\n" });
    expect(appsOf(second).web).toEqual({ image: "web:2" });
    expect(appsOf(second).cart).toBe(appsOf(first).cart);
    const third = await again({ "values/all.json": '{ "apps": { "web": { "args": ["b"] } } }' });
    expect(parseCompany(third).company?.appOn("web", "eu").args).toEqual(["b"]);
    expect(appsOf(third).web).toBe(appsOf(second).web);
  });
});

test("files that are added and removed, and a changed declaration, are read again", async () => {
  await reread(async ({ again }) => {
    expect(Object.keys(appsOf(await again({ "apps/new.yaml": "image: new:1\n" })))).toEqual([
      "cart",
      "new",
      "web",
    ]);
    expect(
      Object.keys(appsOf(await again({ "apps/new.yaml": undefined, "apps/cart.yaml": undefined }))),
    ).toEqual(["web"]);
    const other = await again({ "landfall.config.yaml": yamlRoot.replace("shop", "other") });
    expect(other.tree.company).toBe("other");
    expect((await again({ "values/all.json": undefined })).data).toEqual([]);
  });
});

test("a file that cannot be read throws, and the same reading goes on when it is mended", async () => {
  await reread(async ({ again }) => {
    await expect(again({ "apps/web.yaml": "image: [" })).rejects.toMatchObject({
      problems: [{ code: "LF1001" }],
    });
    await expect(again({ "apps/cart.yaml": "image: cart:2\n" })).rejects.toMatchObject({
      problems: [{ code: "LF1001" }],
    });
    expect(appsOf(await again({ "apps/web.yaml": "image: web:3\n" }))).toEqual({
      cart: { image: "cart:2" },
      web: { image: "web:3" },
    });
  });
});
