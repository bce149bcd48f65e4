import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { documentOf, run, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();

test("export helm writes beside the declaration or where it is told, and names the next command", async () => {
  const { base, landfall } = start();
  await landfall(["init", "acme", "--form", "yaml"]);
  const first = await landfall(["export", "helm", "acme"]);
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toMatch(/^✔ acme\/charts: \d+ files written, 0 removed, 0 unchanged\n$/);
  expect(first.stderr).toContain("next: helm lint --strict acme/charts/chart");
  expect(readFileSync(join(base, "acme/charts/chart/Chart.yaml"), "utf8")).toContain("name: app");
  const again = documentOf(await landfall(["export", "helm", "acme", "--json"]));
  expect(again).toMatchObject({ ok: true, company: "acme", folder: { written: 0, removed: 0 } });
  const elsewhere = documentOf(await landfall(["export", "helm", "acme", "--out", "there", "--json"]));
  expect(elsewhere).toMatchObject({ folder: { path: join(base, "there") } });
  expect(existsSync(join(base, "there/README.md"))).toBe(true);
}, 60_000);

test("export to something unknown is a wrong usage", async () => {
  const { landfall } = start();
  const { code, stderr } = await landfall(["export", "hlem"]);
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining("helm") });
});

test("secrets are exported as ciphertext under the name that values refer to", async () => {
  const { base, landfall } = start();
  const declaration = `landfall: 2
company: acme
clusters: { local: { type: local } }
parts: { flux: {} }
secrets: { token: { generate: 32 } }
apps: { web: { image: "web:1", env: { TOKEN: { secret: token } } } }
`;
  writeFileSync(join(base, "landfall.config.yaml"), declaration);
  const exported = await landfall(["export", "helm"]);
  expect(exported.stderr).toMatch(/new age identity .*acme\.agekey: back it up/);
  const read = (path: string) => parse(readFileSync(join(base, "charts", path), "utf8"));
  const secret = read("secrets/acme/default/token.yaml");
  expect(secret.stringData.value).toMatch(/^ENC\[/);
  expect(read("values/web/default.yaml").env).toEqual({
    TOKEN: { secretKeyRef: { name: secret.metadata.name, key: "value" } },
  });
}, 60_000);

describe("export ci", () => {
  const declaration = (fleet: string) => `landfall: 2
company: acme
clusters: { eu: { type: kubernetes, context: eu } }
parts: { flux: {} }
${fleet}`;

  async function repository(fleet = 'fleet: { url: "https://git.example.com/acme/fleet.git" }\n') {
    const context = start();
    const { base, env } = context;
    mkdirSync(join(base, "platform"));
    writeFileSync(join(base, "platform/landfall.config.yaml"), declaration(fleet));
    writeFileSync(join(base, "package.json"), '{ "devDependencies": { "landfall": "*" } }');
    await run("git", ["init", "--quiet", base], { env });
    return context;
  }

  test("writes a host's pipelines where it looks for them, and names what they need", async () => {
    const { base, landfall } = await repository();
    writeFileSync(join(base, "package-lock.json"), "{}");
    const { stdout, stderr } = await landfall(["export", "ci", "github", "platform"]);
    expect(stdout).toMatch(/^✔ \.github\/workflows: 4 files written, 0 removed, 0 unchanged\n/);
    expect(stdout).toContain("LANDFALL_FLEET_TOKEN: a token that may push to the fleet repo");
    expect(stderr).toContain("next: git add .github/workflows");
    const text = readFileSync(join(base, ".github/workflows/landfall-plan.yaml"), "utf8");
    expect(text).toContain('LANDFALL_FOLDER: "platform"\n  LANDFALL_PACKAGE: "."\n');
    const again = documentOf(
      await landfall(["export", "ci", "github", "platform", "--no-schedule", "--json"]),
    );
    expect(again).toMatchObject({ ok: true, folder: { written: 1, removed: 0, unchanged: 3 } });
    expect(await landfall(["export", "ci", "gitlab", "platform"])).toMatchObject({ code: 0 });
    expect(existsSync(join(base, ".gitlab/landfall.gitlab-ci.yml"))).toBe(true);
  }, 60_000);

  test("writes the plan alone where there is no Git host to deliver to", async () => {
    const { base, landfall } = await repository("");
    writeFileSync(join(base, "package-lock.json"), "{}");
    const { stdout } = await landfall(["export", "ci", "github", "platform/landfall.config.yaml"]);
    expect(stdout).toBe("✔ .github/workflows: 1 file written, 0 removed, 0 unchanged\n");
    const text = readFileSync(join(base, ".github/workflows/landfall-plan.yaml"), "utf8");
    expect(text).toContain('LANDFALL_DECLARATION: "landfall.config.yaml"');
  }, 60_000);

  test("refuses what could not run: no lock file, no repository, no such host", async () => {
    const { base, landfall } = await repository();
    const unpinned = await landfall(["export", "ci", "github", "platform"]);
    expect(unpinned).toMatchObject({ code: 2, stderr: expect.stringContaining("LF1012 no package.json") });
    rmSync(join(base, ".git"), { recursive: true });
    const outside = await landfall(["export", "ci", "github", "platform"]);
    expect(outside).toMatchObject({ code: 1, stderr: expect.stringContaining("is in no Git repository") });
    const unknown = await landfall(["export", "ci", "jenkins", "platform"]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("github, gitlab") });
    expect(existsSync(join(base, ".github"))).toBe(false);
  }, 60_000);
});
