import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ImageRecipe } from "../../kit/image.ts";
import { LandfallError } from "../../util/errors.ts";
import { cachePath } from "../../util/home.ts";
import { buildImage } from "./build.ts";
import { run } from "./run.ts";
import { programs, type TestHome, testHome, writeTree } from "./test-home.ts";

const minutes = 60_000;
let home: TestHome;
let root: string;
beforeAll(() => {
  home = testHome();
  root = join(home.folder, "source");
  writeTree(root, programs);
  execFileSync("npm", ["install", "--package-lock-only", "--silent"], { cwd: join(root, "node") });
});
afterAll(() => home?.remove());

type Language = Extract<ImageRecipe, { kind: "source" }>["language"];
const source = (language: Language, path: string = language, shared = ["proto"]): ImageRecipe => ({
  kind: "source",
  language,
  path,
  shared,
  root,
});

const busybox = {
  kind: "debian",
  packages: ["busybox-static"],
  entrypoint: ["/bin/sh"],
  version: "1.35.0",
} satisfies ImageRecipe;

/** The problem a build ends with. */
async function problemOf(recipe: ImageRecipe) {
  const error = await buildImage(recipe, {}).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LandfallError)) throw error ?? new Error("it built");
  return error.problems[0];
}

describe("a recipe", () => {
  test.each([
    ["go", () => source("go")],
    ["node", () => source("node")],
    ["python", () => source("python")],
    ["debian", () => busybox],
  ] as const)("of %s gives one digest in two homes", { timeout: 4 * minutes }, async (_, recipeOf) => {
    const recipe = recipeOf();
    const first = await buildImage(recipe, {});
    home.next();
    expect((await buildImage(recipe, {})).image).toEqual(first.image);
    const { config } = JSON.parse(first.image.config);
    expect(config.User).toBe("65532:65532");
    expect(Object.keys(config.Labels)).toHaveLength(4);
    expect(readdirSync(cachePath("work"))).toEqual([]);
  });

  test("is built once, and the user's tree is left alone", { timeout: minutes }, async () => {
    const lines: string[] = [];
    const options = { onProgress: (line: string) => lines.push(line) };
    const first = await buildImage(source("go"), options);
    lines.length = 0;
    expect((await buildImage(source("go"), options)).image.digest).toBe(first.image.digest);
    expect(lines).toEqual([]);
    expect(readdirSync(join(root, "go")).sort()).toEqual(["go.mod", "main.go"]);
    expect(existsSync(join(root, "node/node_modules"))).toBe(false);
  });

  test("of a debian package says which version it really has", { timeout: minutes }, async () => {
    expect((await buildImage({ ...busybox, version: "0" }, {})).version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  const asRoot = test.skipIf(process.getuid?.() !== 0);
  asRoot("of debian fetches apt's lists where there are none", { timeout: 3 * minutes }, async () => {
    const lists = join(home.folder, "lists");
    mkdirSync(join(lists, "partial"), { recursive: true });
    writeTree(home.folder, { "apt.conf": `Dir::State::lists "${lists}";\nAPT::Sandbox::User "root";\n` });
    process.env.APT_CONFIG = join(home.folder, "apt.conf");
    try {
      const lines: string[] = [];
      await buildImage(busybox, { onProgress: (line) => lines.push(line) });
      expect(lines).toContain("fetching Debian's package lists");
    } finally {
      delete process.env.APT_CONFIG;
    }
  });
});

describe("a static program", () => {
  test(
    "is taken as it is; a dynamic one, none and several are refused",
    async () => {
      mkdirSync(join(root, "static"));
      expect((await problemOf(source("static")))?.why).toMatch(/no executable/);
      cpSync(process.execPath, join(root, "static/other"), { dereference: true });
      expect(await problemOf(source("static"))).toMatchObject({
        code: "LF5003",
        fix: expect.stringMatching(/static/),
      });
      const env = { ...process.env, CGO_ENABLED: "0" };
      execFileSync("go", ["build", "-o", join(root, "static/static"), "."], { cwd: join(root, "go"), env });
      const { image } = await buildImage(source("static"), {});
      expect(JSON.parse(image.config).config.Entrypoint).toEqual(["/app/static/static"]);
    },
    minutes,
  );
});

describe("a build that fails", () => {
  test(
    "says what the Go compiler said",
    async () => {
      writeTree(root, {
        "bad-go/go.mod": programs["go/go.mod"] ?? "",
        "bad-go/main.go": "package main\n\nfunc main() { nonsense }\n",
      });
      const problem = await problemOf(source("go", "bad-go"));
      expect(problem).toMatchObject({ code: "LF5003", what: "the image of bad-go does not build" });
      expect(problem?.why).toMatch(/main\.go:3:15: undefined: nonsense/);
      expect(readdirSync(cachePath("work"))).toEqual([]);
    },
    minutes,
  );

  test(
    "says which Python requirement cannot be had",
    async () => {
      writeTree(root, { "bad-python/main.py": "", "bad-python/requirements.txt": "markupsafe==0.0.99\n" });
      const problem = await problemOf(source("python", "bad-python"));
      expect(problem?.code).toBe("LF5003");
      expect(problem?.why).toMatch(/No matching distribution found for markupsafe==0\.0\.99/);
    },
    4 * minutes,
  );

  test(
    "names a Debian package that does not exist",
    async () => {
      const recipe = {
        kind: "debian",
        packages: ["no-such-package-at-all"],
        entrypoint: ["x"],
        version: "1",
      } as ImageRecipe;
      expect(await problemOf(recipe)).toMatchObject({
        code: "LF5004",
        why: expect.stringMatching(/no-such-package/),
      });
    },
    minutes,
  );

  test("names a toolchain that is missing", async () => {
    vi.stubEnv("LANDFALL_GO", "/nonexistent/go");
    try {
      writeTree(root, { "new-go/go.mod": "module x\n", "new-go/main.go": "package main\n" });
      expect(await problemOf(source("go", "new-go"))).toMatchObject({
        code: "LF5006",
        what: "go is not on PATH",
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("names what is missing in the folder", async () => {
    writeTree(root, { "empty/readme": "", "python-lib/lib.py": "" });
    expect((await problemOf(source("node", "empty")))?.what).toBe("empty/package.json is missing");
    expect((await problemOf(source("python", "python-lib")))?.fix).toBe("add python-lib/main.py");
    expect((await problemOf(source("go", "absent")))?.code).toBe("LF1012");
  });
});

test("an abort ends the tool and all it started", async () => {
  const controller = new AbortController();
  const began = Date.now();
  const work = run("bash", ["-c", "sleep 61.7 & echo started; wait"], {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("stopped")),
  });
  await expect(work).rejects.toThrow("stopped");
  expect(Date.now() - began).toBeLessThan(30_000);
  expect((await run("pgrep", ["-f", "sleep 61[.]7"])).stdout).toBe("");
});
