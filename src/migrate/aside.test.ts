import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { replaceFiles, withCopy } from "./aside.ts";

test("where one file cannot be replaced, all are as they were, and nothing is left beside them", () =>
  inFolder({ "a.yaml": "old a", "b.yaml": "old b" }, async (folder) => {
    mkdirSync(join(folder, "taken"));
    const change = (name: string) => ({ path: join(folder, name), before: "old", after: "new" });
    const files = ["a.yaml", "b.yaml"].map((name) => ({ ...change(name), before: `old ${name[0]}` }));
    // A folder cannot be replaced by a file.
    expect(() => replaceFiles([...files, change("taken")])).toThrow(/EISDIR|ENOTEMPTY|EPERM/);
    expect(files.map(({ path }) => readFileSync(path, "utf8"))).toEqual(["old a", "old b"]);
    expect(readdirSync(folder).sort()).toEqual(["a.yaml", "b.yaml", "taken"]);
    replaceFiles(files);
    expect(files.map(({ path }) => readFileSync(path, "utf8"))).toEqual(["new", "new"]);
    expect(readdirSync(folder).sort()).toEqual(["a.yaml", "b.yaml", "taken"]);
  }));

test("a copy lies below the declaration's folder, keeps relative ways, and is gone afterwards, also on failure", () =>
  inFolder({ "company/landfall.config.ts": "" }, async (folder) => {
    const main = join(folder, "company/landfall.config.ts");
    const texts = new Map([
      [main, "main"],
      [join(folder, "shared/apps.ts"), "apps"],
    ]);
    const read = await withCopy(main, texts, async (copy) => {
      expect(copy.startsWith(join(folder, "company/."))).toBe(true);
      return [copy, join(copy, "../../shared/apps.ts")].map((path) => readFileSync(path, "utf8"));
    });
    expect(read).toEqual(["main", "apps"]);
    await expect(withCopy(main, texts, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(readdirSync(join(folder, "company"))).toEqual(["landfall.config.ts"]);
  }));
