import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { compile } from "../../compile/index.ts";
import { openFleet } from "../../emit/git/fleet.ts";
import { registry } from "../../parts/index.ts";
import { LandfallError } from "../../util/errors.ts";
import { inFolder } from "../../util/testing/in-folder.ts";
import { commitFleet } from "../build.ts";
import { openDnsSource } from "./source.ts";
import { readOr } from "./task.ts";

vi.setConfig({ testTimeout: 120_000 });
afterEach(() => vi.unstubAllEnvs());

/** Git is told that this is a repository of the test. */
const url = "https://git.test/acme/fleet.git";
const declared = (weight: number, dns: string) => `landfall: 2
company: acme
clusters:
  eu: { type: kubernetes, context: eu, dns: { weight: ${weight} } }
  us: { type: kubernetes, context: us }
fleet: { url: "${url}" }
parts: { flux: {}, gateway-api: {}${dns} }
`;
const shared = ", external-dns: { hub: eu }";

test("the fleet repo counts, and the declaration while that says nothing or Git is away", async () => {
  await inFolder({}, async (folder) => {
    vi.stubEnv("LANDFALL_HOME", join(folder, "home"));
    const [dir, origin] = [join(folder, "company"), join(folder, "fleet.git")];
    mkdirSync(dir);
    writeFileSync(join(folder, ".gitconfig"), `[url "file://${origin}"]\n\tinsteadOf = ${url}\n`);
    vi.stubEnv("HOME", folder);
    const write = (weight: number) =>
      writeFileSync(join(dir, "landfall.config.yaml"), declared(weight, shared));
    const troubles: (string | undefined)[] = [];
    const weightOf = async () => {
      const source = await openDnsSource(dir);
      const said = await readOr(source, source.otherwise, ({ code }) => troubles.push(code));
      return said.clusters.find(({ name }) => name === "eu")?.weight;
    };
    write(3);
    expect([await weightOf(), troubles]).toEqual([3, ["LF3002"]]);
    await openFleet(origin);
    expect(await weightOf()).toBe(3);
    await commitFleet(await compile(dir, { registry }), "build");
    write(5);
    expect(await weightOf()).toBe(3);
    await commitFleet(await compile(dir, { registry }), "build");
    expect([await weightOf(), troubles]).toEqual([5, ["LF3002"]]);
  });
});

test.each([
  ["nothing writes names", "", "LF2001"],
  ["each cluster writes its own", ", external-dns: {}", "LF1016"],
])("there is nothing to keep where %s", async (_what, dns, code) => {
  const files = { "landfall.config.yaml": declared(1, dns) };
  await inFolder(files, async (folder) => {
    await expect(openDnsSource(folder)).rejects.toSatisfy(
      (error) => error instanceof LandfallError && error.problems[0]?.code === code,
    );
  });
});
