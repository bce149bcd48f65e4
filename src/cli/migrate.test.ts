import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compile } from "../compile/index.ts";
import { emitFleet } from "../emit/flux/index.ts";
import { registry } from "../parts/index.ts";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();
const declarations = fileURLToPath(new URL("../../test/declarations/", import.meta.url));
const patch = "prod.set({ args: [] })";

/** The shop of version 1 in one form, alone in a folder. */
function startV1(form: "ts" | "yaml") {
  const context = start();
  const config = join(context.base, `landfall.config.${form}`);
  cpSync(join(declarations, `v1/landfall.config.${form}`), config);
  cpSync(join(declarations, "v1/services"), join(context.base, "services"), { recursive: true });
  return { ...context, config, text: () => readFileSync(config, "utf8") };
}

/** A company of version 1 of these files. */
function startWith(files: Record<string, string>) {
  const context = start();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(context.base, name), text);
  const text = (name: string) => readFileSync(join(context.base, name), "utf8");
  return { ...context, text };
}

const root = (
  apps: string,
  more = "",
) => `import { app, company, environment, kubernetesCluster } from "landfall";
import { flux } from "landfall/parts";
${more}
const prod = environment("prod");
${apps}
export default company("x", {
  clusters: [kubernetesCluster("one", { context: "one", environment: prod })],
  parts: [flux()],
  apps: [a],
});
`;

describe.each(["ts", "yaml"] as const)("a declaration of version 1 in %s", (form) => {
  test("is refused by every other command, once and with the way out", async () => {
    const { landfall, config } = startV1(form);
    for (const command of [["check"], ["build"], ["graph"], ["status"]]) {
      const { code, stderr } = await landfall(command);
      expect(code).toBe(2);
      expect(stderr.match(/error LF/g)).toHaveLength(1);
      expect(stderr).toMatch(/LF1020 .*version 1.*\n.*landfall\.config\.\w+:\d+/);
      expect(stderr).toContain("`landfall migrate`");
    }
    expect(readFileSync(config, "utf8")).toBe(
      readFileSync(join(declarations, `v1/landfall.config.${form}`), "utf8"),
    );
  }, 60_000);

  test("is shown first, then rewritten, with comments and layout as they were, and the plan stays", async () => {
    const { landfall, base, config, text } = startV1(form);
    const old = text();
    const shown = await landfall(["migrate", "--dry-run"]);
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toMatch(/^--- landfall\.config/m);
    expect(shown.stdout).toMatch(/^-.*environments.*\n/m);
    expect(shown.stdout).toMatch(/^\+.*overrides.*\n/m);
    expect(shown.stdout).toContain("plan: no changes");
    expect(text()).toBe(old);

    chmodSync(config, 0o640);
    const done = await landfall(["migrate"]);
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/plan: no changes\n$/) });
    expect(statSync(config).mode & 0o777).toBe(0o640);
    const left = readdirSync(base).filter((name) => name !== "home");
    expect(left.sort()).toEqual([`landfall.config.${form}`, "services"]);
    const lost = old.split("\n").filter((line) => !text().includes(line.trim()));
    expect(lost.filter((line) => !/environments|landfall: 1|dev: |"prod"/.test(line))).toEqual([]);

    const again = await landfall(["migrate"]);
    expect(again.stdout).toBe("✔ the declaration is of version 2, the newest\n");
  }, 60_000);

  test("gives the fleet that the same company of version 2 gives", async () => {
    const { landfall, config } = startV1(form);
    await landfall(["migrate"]);
    const fleets = [config, join(declarations, `v1/now/landfall.config.${form}`)].map(async (path) =>
      emitFleet(await compile(path, { registry })),
    );
    const [mine, full] = await Promise.all(fleets);
    expect(mine).toEqual(full);
  }, 60_000);
});

test("modules that the declaration imports are migrated with it; packages and data are left", async () => {
  const apps = `import { app } from "landfall";\nimport { prod } from "./env.ts";\nimport image from "./image.json" with { type: "json" };\nexport const a = app("a", {\n  image,\n  environments: [${patch}], // here\n});\n`;
  const { landfall, text } = startWith({
    "env.ts": `import { environment } from "landfall";\nexport const prod = environment("prod");\n`,
    "apps.ts": apps,
    "image.json": '"a:1"',
    "landfall.config.ts": root(
      "",
      'import { a } from "./apps.ts";\nimport { prod } from "./env.ts";',
    ).replace('const prod = environment("prod");\n', ""),
  });
  const done = documentOf(await landfall(["migrate", "--json"]));
  expect(done).toMatchObject({ ok: true, from: 1, to: 2, plan: { changes: 0 } });
  expect((done.files as string[]).sort()).toEqual(["apps.ts", "landfall.config.ts"]);
  expect(text("apps.ts")).toBe(apps.replace("environments", "overrides"));
  expect(text("landfall.config.ts")).toContain('company("x", {\n  landfall: 2,\n  clusters');
}, 60_000);

test.each([
  [
    "a spread",
    `const common = { environments: [${patch}] };\nconst a = app("a", {\n  image: "a:1",\n  ...common,\n});`,
  ],
  ["a computed key", `const a = app("a", {\n  image: "a:1",\n  ["environ" + "ments"]: [${patch}],\n});`],
  ["an argument", `const spec = { image: "a:1", environments: [${patch}] };\nconst a = app("a",\n  spec);`],
])(
  "%s is named with file and line, and nothing is written",
  async (what, code) => {
    const source = root(code);
    const { landfall, text } = startWith({ "landfall.config.ts": source });
    const refused = await landfall(["migrate"]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    const marks = { "a spread": "  ...common", "a computed key": '  ["environ"', "an argument": "  spec)" };
    const line = source.slice(0, source.indexOf(marks[what as keyof typeof marks])).split("\n").length;
    expect(refused.stderr).toMatch(/LF1021 .*apps\.a\.environments/);
    expect(refused.stderr).toContain(`landfall.config.ts:${line}:3`);
    expect(refused.stderr).toContain(what);
    expect(text("landfall.config.ts")).toBe(source);
  },
  60_000,
);

test("what was renamed by hand already stays, and the rest is migrated", async () => {
  const source = root(
    `const common = { overrides: [${patch}] };\nconst a = app("a", { image: "a:1", ...common, calls: () => [b] });\nconst b = app("b", { image: "b:1", ports: { http: 1 }, environments: [${patch}] });`,
  ).replace("apps: [a]", "apps: [a, b]");
  const { landfall, text } = startWith({ "landfall.config.ts": source });
  expect(await landfall(["migrate"])).toMatchObject({ code: 0 });
  expect(text("landfall.config.ts")).toBe(
    source.replace("environments: [", "overrides: [").replace('("x", {\n', '("x", {\n  landfall: 2,\n'),
  );
}, 60_000);

test.each([
  ["", "no version is named"],
  ["landfall: 3\n", "there is no version 3"],
  ["landfall: yes\n", 'there is no version "yes"'],
])(
  "%j is no version that could be migrated",
  async (version, what) => {
    const { landfall } = startWith({ "landfall.config.yaml": `${version}company: x\nclusters: {}\n` });
    expect(await landfall(["migrate"])).toMatchObject({ code: 2, stderr: expect.stringContaining(what) });
  },
  60_000,
);

test("what version 2 would take for something else is refused, and nothing is written", async () => {
  // Of two changes for one environment version 1 took the last, version 2 takes both.
  const source = root(
    `const a = app("a", { image: "a:1", environments: [prod.set({ args: ["x"] }), prod.set({ env: { A: "1" } })] });`,
  );
  const { landfall, text } = startWith({ "landfall.config.ts": source });
  const refused = await landfall(["migrate"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/LF1022 .*apps\/a/) });
  expect(text("landfall.config.ts")).toBe(source);
}, 60_000);

test("a file that Git could not give back is migrated, and said", async () => {
  const { landfall, base, config } = startV1("yaml");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: base, encoding: "utf8" });
  git("init", "-q");
  git("add", "landfall.config.yaml");
  git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first");
  const clean = await landfall(["migrate", "--dry-run"]);
  expect(clean.stderr).not.toContain("not committed");
  writeFileSync(config, `${readFileSync(config, "utf8")}# mine\n`);
  const dirty = await landfall(["migrate"]);
  expect(dirty).toMatchObject({ code: 0, stderr: expect.stringContaining("landfall.config.yaml") });
  expect(dirty.stderr).toMatch(/not committed/);
}, 60_000);
