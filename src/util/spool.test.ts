import { readdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { openSpool } from "./spool.ts";
import { inFolder } from "./testing/in-folder.ts";

test("a spool gives back what was put, in any order, and leaves nothing behind", () =>
  inFolder({}, async (home) => {
    vi.stubEnv("LANDFALL_HOME", home);
    const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 300 }), { maxLength: 50 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 3 }), (some, large) => {
        const all = [...some, ...Array.from({ length: large }, (_, i) => `${i}é`.repeat(400_000))];
        const spool = openSpool();
        const read = all.map((text) => spool.put(text));
        expect(read.toReversed().map((get) => get())).toEqual(all.toReversed());
        spool.close();
        expect(read.every((get) => get() === undefined)).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect(readdirSync(`${home}/cache/work`)).toEqual([]);
    vi.unstubAllEnvs();
  }));

test("a home that cannot be written costs a spool its texts and nothing else", () =>
  inFolder({ file: "x" }, async (folder) => {
    vi.stubEnv("LANDFALL_HOME", `${folder}/file`);
    const spool = openSpool();
    expect(spool.put("text")()).toBeUndefined();
    spool.close();
    vi.unstubAllEnvs();
  }));
