import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { documentOf, useLandfall } from "./testing/landfall.ts";

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
