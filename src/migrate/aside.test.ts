import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { withCopy } from "./aside.ts";

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
