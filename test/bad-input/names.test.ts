/** Names that Kubernetes would not take, and names so long that what is made of them must be shortened. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { expect, test } from "vitest";
import { buildOf, declaration } from "./company.ts";

const bad = ["-a", "a-", "1a", "a.b", "a_b", "A", "ä", "a b", "", "../x", "a/b", ".", "a\nb", "a".repeat(51)];

test.each(bad)("%j names no app, cluster, environment, secret or company", async (name) => {
  const quoted = JSON.stringify(name);
  const app = "image: 'nginx:1'";
  for (const text of [
    declaration(`apps: { ${quoted}: { ${app} } }`),
    declaration("").replace("prod:", `${quoted}:`),
    declaration(`environments: { ${quoted}: {} }`),
    declaration(`secrets: { ${quoted}: {} }`),
    declaration("").replace("company: shop", `company: ${quoted}`),
    declaration(`apps: { web: { ${app}, namespace: ${quoted} } }`),
    declaration(
      `apps: { web: { ${app}, volumes: { ${quoted}: { path: /d, size: 1Gi, ephemeral: true } } } }`,
    ),
  ]) {
    const { problems, written } = await buildOf({ "landfall.config.yaml": text });
    expect(written, text).toBe(0);
    expect(problems.length, text).toBeGreaterThan(0);
    for (const { code } of problems) expect(code, text).toMatch(/^LF(1003|1015)$/);
  }
});

const raw = (object: object) =>
  declaration(`apps: { web: { image: 'nginx:1', raw: [${JSON.stringify(object)}] } }`);
const configMap = (name: string, namespace = "shop") => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
});

test.each([
  ["a name of 254 characters", configMap("x".repeat(254)), "253"],
  ["a name with a slash", configMap("../../x"), "DNS subdomain"],
  ["a name in capitals", configMap("Web"), "DNS subdomain"],
  ["a namespace of 64 characters", configMap("x", "n".repeat(64)), "63"],
  ["a namespace with dots", configMap("x", "a.b"), "DNS label"],
  [
    "a Service of 64 characters",
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s".repeat(64) },
      spec: { ports: [{ port: 80 }] },
    },
    "63",
  ],
])("%s in a raw object is refused", async (_name, object, said) => {
  const { problems } = await buildOf({ "landfall.config.yaml": raw(object) });
  expect(problems).toMatchObject([{ code: "LF2004", what: expect.stringContaining(said) }]);
});

interface Named {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
}

test("names as long as may be that differ at their end stay apart, each short enough", async () => {
  const [one, two] = ["b", "c"].map((end) => "a".repeat(49) + end) as [string, string];
  const app = (name: string) =>
    `  ${name}: { image: 'nginx:1', ports: { http: 8080 }, config: { a.txt: ${name} },
    volumes: { ${name}: { path: /d, size: 1Gi } }, env: { S: { secret: ${name} } } }`;
  const text = declaration(
    `secrets: { ${one}: { generate: 32 }, ${two}: { generate: 32 } }\napps:\n${app(one)}\n${app(two)}`,
  ).replace("flux: {}", "flux: {}, local-path: {}");
  const found: Named[] = [];
  const outcome = await buildOf(
    { "landfall.config.yaml": text },
    {
      look: (folder) => {
        const fleet = join(folder, "fleet");
        for (const file of readdirSync(fleet, { recursive: true, encoding: "utf8" })) {
          for (const part of file.split("/")) expect(part.length).toBeLessThanOrEqual(255);
          if (!/(apps|secrets)\/.*\.yaml$/.test(file)) continue;
          found.push(...(loadAll(readFileSync(join(fleet, file), "utf8")) as Named[]));
        }
      },
    },
  );
  expect(outcome.problems).toEqual([]);
  const identities = found.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
  expect(new Set(identities).size).toBe(identities.length);
  for (const name of [one, two]) {
    const kinds = found.filter(({ metadata }) => metadata.name.startsWith(name)).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["StatefulSet", "Service", "ConfigMap", "Secret"]));
  }
  for (const { kind, metadata } of found) {
    // A pod of the set is named after it with a number, and its name is a label's value.
    const most = kind === "Service" || kind === "StatefulSet" ? 60 : 253;
    expect(metadata.name.length, `${kind} ${metadata.name}`).toBeLessThanOrEqual(most);
    for (const value of Object.values(metadata.labels ?? {})) expect(value.length).toBeLessThanOrEqual(63);
  }
});
