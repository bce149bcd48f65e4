/** What is only seen on a terminal; `script` of util-linux gives one. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { program, run, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();
const hasScript = existsSync("/usr/bin/script");
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
const colours = /\u001b\[\d+m/;

/** Run landfall on a terminal, with the keys that are pressed there. */
async function onTerminal(
  args: string[],
  keys: string,
  context: { base: string; env: Record<string, string> },
) {
  const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(" ");
  // The keys come once the question stands.
  const typed = `(sleep 1.5; printf '${keys}'; sleep 1) | script -qec "stty cols 120; ${command}" /dev/null`;
  const { code, stdout } = await run("bash", ["--norc", "-o", "pipefail", "-c", typed], {
    cwd: context.base,
    env: { ...context.env, TERM: "xterm" },
  });
  return { code, shown: stdout };
}

test.skipIf(!hasScript)(
  "down asks, and does nothing unless it is answered yes",
  async () => {
    const { landfall, ...context } = start();
    await landfall(["init", "acme"]);
    const no = await onTerminal(["down", "acme"], "n", context);
    expect(no.shown).toContain("Remove the local clusters with their data?");
    expect(no.shown).toContain("nothing was done");
    expect(no.code).toBe(130);
    const yes = await onTerminal(["down", "acme"], "y", context);
    expect(yes.shown).toContain("no local cluster was there");
    expect(yes.code).toBe(0);
  },
  60_000,
);

test.skipIf(!hasScript)(
  "a terminal gets colours, unless NO_COLOR is set",
  async () => {
    const { landfall, ...context } = start();
    await landfall(["init", "acme"]);
    expect((await onTerminal(["check", "acme"], "", context)).shown).toMatch(colours);
    const plain = { ...context, env: { ...context.env, NO_COLOR: "1" } };
    expect((await onTerminal(["check", "acme"], "", plain)).shown).not.toMatch(colours);
  },
  60_000,
);

test("without a terminal down asks nothing and wants --yes", async () => {
  const { landfall } = start();
  await landfall(["init", "acme"]);
  const refused = await landfall(["down", "acme"]);
  expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--yes") });
  const done = await landfall(["down", "acme", "--yes"]);
  expect(done).toMatchObject({ code: 0, stdout: "✔ no local cluster was there\n" });
});
