/**
 * Text that a reader of YAML 1.1 takes for a boolean, a number, a date or nothing, from a declaration to the value that
 * Go's reader, Kubernetes' own, gets of the fleet's files.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildOf, declaration } from "./company.ts";

const words = [
  ..."yes no on off y n Yes NO On OFF Y N true false True FALSE null Null NULL ~ = << nan .nan .inf -.INF".split(
    " ",
  ),
  ..."0 1 -1 +1 007 0777 0o17 0x1F 0b11 1_000 1e3 1E-3 .5 1. -0 1:30 12:30:45 190:20:30.15 0.1.2".split(" "),
  ..."2001-01-01 2001-12-14t21:59:43.10-05:00 %d @at `b !tag &a *a {a} [a] - ? : | > # '".split(" "),
  ...["", " ", " lead", "trail ", "a: b", "a #b", "- a", "? a", "---", "...", '"', "'it''s'", "\\n", "a\tb"],
  ...["line\n", "\nline", "a\n\nb\n\n", "  a\nb", "a \n b", "\u0085", "\u2028", "\ufeffbom", "\u0000", "💥"],
];

const source = fileURLToPath(new URL("../../src/util/testdata/yaml-reader", import.meta.url));
const made = mkdtempSync(join(tmpdir(), "landfall-words-"));
const reader = join(made, "yaml-reader");
beforeAll(() => {
  execFileSync("go", ["build", "-o", reader, "."], { cwd: source, stdio: ["ignore", "ignore", "inherit"] });
}, 120_000);
afterAll(() => rmSync(made, { recursive: true, force: true }));

interface Read {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  data?: Record<string, string>;
  spec?: {
    template?: { spec: { containers: { args?: string[]; env?: { name: string; value?: string }[] }[] } };
  };
}

/** The app's objects as Go reads them. */
function readByGo(folder: string): Read[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".yaml"),
  );
  const documents = files.flatMap((file) => readFileSync(join(folder, file), "utf8").split(/^---\n/m));
  const input = documents.map((document) => JSON.stringify(document)).join("\n");
  const lines = execFileSync(reader, { input, maxBuffer: 2 ** 28 })
    .toString()
    .trimEnd()
    .split("\n");
  expect(lines).toHaveLength(documents.length);
  return lines.map((line) => JSON.parse(line) as Read);
}

/** A container cannot have them, so the declaration refuses them there. */
const inVariables = words.filter((word) => !word.includes("\u0000"));
const keyed = Object.fromEntries(words.map((word, i) => [`k${i}`, word]));
const env = Object.fromEntries(inVariables.map((word, i) => [`V${i}`, word]));
const app = {
  image: "nginx:1",
  args: inVariables,
  env,
  raw: [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "words", annotations: keyed },
      data: { ...keyed },
    },
  ],
};

test.each([
  ["YAML", { "landfall.config.yaml": declaration(`apps: { web: ${JSON.stringify(app)} }`) }],
  [
    "TypeScript",
    {
      "landfall.config.ts": `import { app, company, kubernetesCluster } from "landfall";
import { flux } from "landfall/parts";
const web = app("web", JSON.parse(${JSON.stringify(JSON.stringify(app))}));
const cluster = kubernetesCluster("prod", { context: "prod" });
export default company("shop", { landfall: 2, clusters: [cluster], parts: [flux()], apps: [web] });
`,
    },
  ],
])("every word declared in %s is the same text on the cluster", async (_form, files) => {
  let objects: Read[] = [];
  const outcome = await buildOf(files, {
    look: (folder) => (objects = readByGo(join(folder, "fleet/apps"))),
  });
  expect(outcome.problems).toEqual([]);
  const words11 = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "words");
  expect(words11?.data).toEqual(keyed);
  expect(words11?.metadata.annotations).toEqual(keyed);
  const container = objects.find(({ kind }) => kind === "Deployment")?.spec?.template?.spec.containers[0];
  expect(container?.args).toEqual(inVariables);
  const got = Object.fromEntries(container?.env?.map(({ name, value }) => [name, value]) ?? []);
  expect(got).toMatchObject(env);
});
