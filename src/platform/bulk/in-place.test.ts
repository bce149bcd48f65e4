import { describe, expect, test } from "vitest";
import { loadDeclaration } from "../../model/load.ts";
import { inFolder } from "../../util/testing/in-folder.ts";
import { editsFor } from "./edits.ts";
import { sourcesWith } from "./in-place.ts";
import { companyOf } from "./proof.ts";
import { type SetOptions, setValues } from "./set.ts";
import { read, seen, yaml } from "./testing/company.ts";
import { selector } from "./where.ts";
import { readWishes } from "./wishes.ts";

const typescript = `import { app, company, environment, kubernetesCluster } from "landfall";

const prod = environment("prod");
const p1 = kubernetesCluster("p1", { context: "p1", environment: prod });
const level = "info";
const shared = { scale: { min: 1, max: 2 } };

// The shop's face: 'web' is its name.
const web = app("web", {
  image: 'ghcr.io/acme/web:1.0.0', // keep this comment
  ports: { http: 8080 },
  env: { LOG_LEVEL: level, "MODE": "fast" as string },
  scale: { min: 1, max: 2 },
});
const late = app("late", { image: "ghcr.io/acme/late:1.0.0", ...shared, ports: { http: 8080 } });
const early = app("early", { ...shared, image: "ghcr.io/acme/early:1.0.0", ports: { http: 8080 } });
const many = ["a", "b"].map((name) => app(name, { image: "ghcr.io/acme/many:1.0.0", ports: { http: 8080 } }));
const one = (name: string) => app("helped", { image: "ghcr.io/acme/helped:1.0.0", labels: { name } });
const patched = app("patched", {
  image: "ghcr.io/acme/patched:1.0.0",
  overrides: [prod.set({ image: "ghcr.io/acme/patched:0.9.0" })],
});
const template = app("template", { image: \`ghcr.io/acme/template:\${1}\` });

export default company("acme", {
  landfall: 2,
  clusters: [p1],
  apps: [web, late, early, ...many, one("x"), patched, template],
});
`;

const inPlace = (dir: string, kind: SetOptions["kind"], value: string, where: string) =>
  setValues(dir, { kind, values: [value], where, inPlace: true, plan: false, commit: false });

describe("in TypeScript", () => {
  const name = "landfall.config.ts";
  const files = { [name]: typescript, "package.json": '{ "type": "module" }' };

  test.each([
    ["version", "1.1.0", "app=web", "'ghcr.io/acme/web:1.0.0'", "'ghcr.io/acme/web:1.1.0'"],
    ["env", "MODE=slow", "app=web", '"MODE": "fast" as', '"MODE": "slow" as'],
    ["replicas", "3..7", "app=web", "  scale: { min: 1, max: 2 },", "  scale: { min: 3, max: 7 },"],
    ["version", "1.1.0", "app=early", "early:1.0.0", "early:1.1.0"],
  ] as const)("set %s %s where %s changes the literal alone", async (kind, value, where, before, after) => {
    await inFolder(files, async (dir) => {
      expect(await inPlace(dir, kind, value, where)).toMatchObject({
        apps: 1,
        files: [expect.stringContaining(name)],
      });
      expect(read(dir, name)).toBe(typescript.replace(before, after));
    });
  });

  test("anything else is refused with the reason", async () => {
    const cases: [SetOptions["kind"], string, string, RegExp][] = [
      ["env", "LOG_LEVEL=warn", "app=web", /it is computed/],
      ["env", "NEW=1", "app=web", /it is not written there/],
      ["env", "MODE-", "app=web", /it would be removed/],
      ["version", "2.0.0", "app=late", /what is spread after it may replace it/],
      ["env", "LOG_LEVEL=x", "app=early", /it is not written there/],
      ["version", "2.0.0", "app=a", /no one call app\("a", { … }\) makes it/],
      ["version", "2.0.0", "app=helped", /inside a function or a loop/],
      ["version", "2.0.0", "app=patched", /overrides.0 changes it/],
      ["version", "2.0.0", "app=template", /it is computed/],
      ["version", "2.0.0", "app=web,env=prod", /it is for some clusters only/],
    ];
    await inFolder(files, async (dir) => {
      const declaration = await loadDeclaration(dir);
      const company = companyOf(declaration);
      const select = selector(company);
      for (const [kind, value, where, why] of cases) {
        const wishes = readWishes(kind, [value]);
        const { edits } = editsFor(company, wishes, new Map(wishes.map((wish) => [wish, select(where)])));
        await expect(
          sourcesWith(declaration, company, edits),
          `${value} where ${where}`,
        ).rejects.toMatchObject({
          problems: [
            {
              code: "LF1019",
              why: expect.stringMatching(why),
              where: { file: expect.stringContaining(name) },
            },
          ],
        });
      }
      await expect(inPlace(dir, "version", "2.0.0", "app=web,env=prod")).rejects.toThrow("LF1019");
      expect(read(dir, name)).toBe(typescript);
    });
  });

  test("what is refused there the data file takes", async () => {
    await inFolder(files, async (dir) => {
      await setValues(dir, { kind: "version", values: ["2.0.0"], where: "app=a", plan: false });
      expect((await seen(dir, "a", "p1")).image).toBe("ghcr.io/acme/many:2.0.0");
      expect((await seen(dir, "b", "p1")).image).toBe("ghcr.io/acme/many:1.0.0");
    });
  });
});

describe("in YAML", () => {
  const own = `# The till.
image: "ghcr.io/acme/till:1.0.0"   # pinned
labels: { team: till }
env:
  LEVEL: info
  ON: 'yes'
  TEXT: |
    two
    lines
`;
  const shared = yaml.replace(
    "  cart:",
    "  twin: &twin { image: ghcr.io/acme/twin:1.0.0, ports: { http: 8080 } }\n  other: *twin\n  cart:",
  );
  const files = { "landfall.config.yaml": `${shared}include: [apps]\n`, "apps/x/till.yaml": own };

  test.each([
    [
      "version",
      "1.1.0",
      "app=till",
      "apps/x/till.yaml",
      '"ghcr.io/acme/till:1.0.0"',
      "ghcr.io/acme/till:1.1.0",
    ],
    ["env", "LEVEL=on", "app=till", "apps/x/till.yaml", "LEVEL: info", 'LEVEL: "on"'],
    ["version", "1.1.0", "app=web", "landfall.config.yaml", "acme/web:1.0.0", "acme/web:1.1.0"],
    ["config", "app.json#cache.ttl=5m", "app=web", "landfall.config.yaml", "ttl: 1m", "ttl: 5m"],
  ] as const)("set %s %s where %s changes %s", async (kind, value, where, file, before, after) => {
    await inFolder(files, async (dir) => {
      expect(await inPlace(dir, kind, value, where)).toMatchObject({ apps: 1 });
      expect(read(dir, file)).toBe(files[file].replace(before, after));
    });
  });

  test("several apps in one file, and several files, at once", async () => {
    await inFolder(files, async (dir) => {
      const { files: changed } = await inPlace(dir, "version", "3.0.0", "team=shop");
      expect(changed).toHaveLength(1);
      expect(read(dir, "landfall.config.yaml")).toBe(
        files["landfall.config.yaml"]
          .replace("web:1.0.0", "web:3.0.0")
          .replace("web:2.0.0", "web:3.0.0")
          .replace("cart:1.1.0", "cart:3.0.0"),
      );
    });
  });

  test.each([
    ["version", "2.0.0", "app=twin", /under an anchor/],
    ["version", "2.0.0", "app=other", /behind an alias/],
    ["env", "TEXT=x", "app=till", /over several lines/],
    ["replicas", "4", "app=till", /not written there/],
  ] as const)("set %s %s where %s is refused with the reason", async (kind, value, where, why) => {
    await inFolder(files, async (dir) => {
      const error = await inPlace(dir, kind, value, where).catch((thrown) => thrown);
      expect(error.problems[0]).toMatchObject({ code: "LF1019", why: expect.stringMatching(why) });
      expect([read(dir, "landfall.config.yaml"), read(dir, "apps/x/till.yaml")]).toEqual(
        Object.values(files),
      );
    });
  });
});
