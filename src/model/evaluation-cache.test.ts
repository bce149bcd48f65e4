import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { evaluateOnce } from "./evaluation-cache.ts";
import { platform, typescriptRoot, yamlRoot } from "./testing/load-in.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const web = (image: string, more = "") =>
  `import { app } from "landfall";\n${more}\nexport default app("web", { image: ${image} });\n`;
const estate = {
  "shop/landfall.config.ts": typescriptRoot,
  "shop/platform.ts": platform,
  "shop/data.json": '{ "tag": "one" }',
  "shop/apps/web.ts": web('"web:" + data.tag', 'import data from "../data.json" with { type: "json" };'),
};

interface At {
  write: (name: string, text: string) => void;
  path: (name: string) => string;
  /** The image of web, or what was wrong. */
  image: () => Promise<string | undefined>;
  /** Make the kept result say something else, so that its use shows. */
  mark: () => void;
  kept: () => string | undefined;
}

/** An estate whose files were settled long before. */
function settled(files: Record<string, string>, use: (at: At) => Promise<void>, main = "landfall.config.ts") {
  return inFolder(files, async (folder) => {
    const home = join(folder, "home");
    vi.stubEnv("LANDFALL_HOME", home);
    const path = (name: string) => join(folder, "shop", name);
    const kept = () => {
      const below = join(home, "cache/evaluations");
      const [name] = readdirSync(join(folder)).includes("home") ? readdirSync(below) : [];
      return name && join(below, name);
    };
    await use({
      path,
      kept,
      write: (name, text) => writeFileSync(path(name), text),
      image: async () => {
        vi.setSystemTime(Date.now() + 60_000);
        const { result } = await evaluateOnce(path(main), main.endsWith(".ts") ? undefined : ["apps"]);
        if (!result.ok) return result.message;
        return (result.declared.tree.apps as Record<string, { image: string }>).web?.image;
      },
      mark: () => {
        const text = readFileSync(kept() ?? "", "utf8");
        writeFileSync(kept() ?? "", text.replace(/web:one/, "web:kept"));
      },
    });
  });
}

test.each(["landfall.config.ts", "landfall.config.yaml"])(
  "what did not change is not evaluated again: %s",
  async (main) => {
    await settled(
      { ...estate, "shop/landfall.config.yaml": yamlRoot },
      async ({ image, mark }) => {
        expect(await image()).toBe("web:one");
        mark();
        expect(await image()).toBe("web:kept");
      },
      main,
    );
  },
  30_000,
);

const changes: [what: string, change: (at: At) => void, image: string | RegExp][] = [
  ["an app", ({ write }) => write("apps/web.ts", web('"web:two"')), "web:two"],
  [
    "the declaration",
    ({ write }) => write("landfall.config.ts", typescriptRoot.replace('["apps"]', "[]")),
    "undefined",
  ],
  ["imported data", ({ write }) => write("data.json", '{ "tag": "two" }'), "web:two"],
  ["an imported module", ({ write }) => write("platform.ts", `${platform}// other\n`), "web:one"],
  [
    "a new file of the estate",
    ({ write }) => write("apps/more.ts", web('"x"').replace('"web"', '"more"')),
    "web:one",
  ],
  ["a removed file of the estate", ({ path }) => rmSync(path("apps/web.ts")), "undefined"],
  [
    "a package.json that is new",
    ({ write }) => write("apps/package.json", '{ "type": "commonjs" }'),
    "undefined",
  ],
];
test.each(changes)(
  "after a change of %s it is evaluated again",
  async (_what, change, image) => {
    await settled(estate, async (at) => {
      await at.image();
      at.mark();
      change(at);
      const after = String(await at.image());
      expect(after).not.toBe("web:kept");
      expect(after).toMatch(image);
    });
  },
  30_000,
);

test("a kept result is used for another include, key or broken file never", async () => {
  await settled(estate, async ({ image, kept, mark }) => {
    await image();
    mark();
    const text = readFileSync(kept() ?? "", "utf8");
    for (const damaged of [text.slice(0, -20), "", "null", "{}", text.replace('"key":"', '"key":"0')]) {
      writeFileSync(kept() ?? "", damaged);
      expect(await image()).toBe("web:one");
    }
  });
}, 60_000);

const unkept: [what: string, make: (at: At) => void][] = [
  [
    "a file was changed just before",
    ({ path }) => utimesSync(path("data.json"), new Date(Date.now() + 1e9), new Date(Date.now() + 1e9)),
  ],
  [
    "it imports a package",
    ({ path, write }) => {
      mkdirSync(path("node_modules/tags"), { recursive: true });
      write("node_modules/tags/package.json", '{ "type": "module", "exports": "./index.js" }');
      write("node_modules/tags/index.js", 'export const tag = "one";');
      write("apps/web.ts", web('"web:" + tag', 'import { tag } from "tags";'));
    },
  ],
  [
    "it imports through a link",
    ({ path, write }) => {
      write("real.json", '{ "tag": "one" }');
      rmSync(path("data.json"));
      symlinkSync("real.json", path("data.json"));
    },
  ],
  [
    "it tries an import that is not there",
    ({ write }) => write("apps/web.ts", web('"web:one"', 'try { await import("./absent.ts"); } catch {}')),
  ],
  ["it fails", ({ write }) => write("apps/web.ts", "export default 1;")],
  [
    "it hides what it does",
    ({ write }) =>
      write(
        "apps/web.ts",
        web(
          "`web:one`",
          'globalThis.URL = class { href = "x" } as never; try { await import("./absent.ts"); } catch {}',
        ),
      ),
  ],
];
test.each(unkept)(
  "where %s, nothing is kept",
  async (_what, make) => {
    await settled(estate, async (at) => {
      make(at);
      await at.image();
      expect(at.kept()).toBeUndefined();
    });
  },
  30_000,
);

test("a declaration cannot leave out what it loaded, so a false result does not outlive it", async () => {
  const evil = `const hide = () => { throw 1; };
for (const key of ["write", "writeSync"]) (Object.prototype as never as Record<string, unknown>)[key] = hide;
JSON.stringify = (() => '"x"') as never;
import data from "../data.json" with { type: "json" };`;
  await settled(
    { ...estate, "shop/apps/web.ts": web('"web:" + data.tag', evil) },
    async ({ image, kept, path, write }) => {
      expect(await image()).toBe("web:one");
      const { modules } = JSON.parse(readFileSync(kept() ?? "", "utf8")) as { modules: [string][] };
      expect(modules.map(([module]) => module).sort()).toEqual(
        ["apps/web.ts", "data.json", "landfall.config.ts", "platform.ts"].map(path),
      );
      write("apps/web.ts", estate["shop/apps/web.ts"].replace("web:", "good:"));
      expect(await image()).toBe("good:one");
    },
  );
}, 30_000);
