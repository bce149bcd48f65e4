import { readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { keepInCache } from "./cache-file.ts";

test("a written file takes away those that are older than a month, and no others", async () => {
  await inFolder({ "old.json": "1", "recent.json": "2" }, async (folder) => {
    const days = (count: number) => new Date(Date.now() - count * 24 * 3600 * 1000);
    utimesSync(join(folder, "old.json"), days(31), days(31));
    utimesSync(join(folder, "recent.json"), days(29), days(29));
    keepInCache(join(folder, "new.json"), "3");
    expect(readdirSync(folder).sort()).toEqual(["new.json", "recent.json"]);
    expect(readFileSync(join(folder, "new.json"), "utf8")).toBe("3");
  });
});

test("where nothing can be written, nothing is said", async () => {
  await inFolder({ file: "" }, async (folder) => {
    expect(() => keepInCache(join(folder, "file/below.json"), "")).not.toThrow();
  });
});
